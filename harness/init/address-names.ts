/** How a program may be told an address; `{{…}}` as in target files. */
export type Told = {
  /** name of the variable or argument */
  name: string;
  /** group shared by the names of one address, such as those of its host and its port */
  group: string;
  text: string;
};

/** Names by which a program seems to take its addresses. */
export type AddressNames = {
  variables: Told[];
  /** arguments for where it listens, and for its upstream */
  listenArguments: string[][];
  upstreamArguments: string[][];
  /** whether any name suggests that the program has an upstream */
  hasUpstream: boolean;
};

const LISTEN_WORDS = /^(listen|server|http|app|proxy|bind|service)?$/;
const UPSTREAM_WORDS = /upstream|target|backend|remote|origin|forward|dest|^to$|proxy_?(to|pass|target)/;

/** Variables that the harness always sets. */
export const ALWAYS_SET = ['LISTEN_HOST', 'LISTEN_PORT', 'UPSTREAM_HOST', 'UPSTREAM_PORT'];

const UPSTREAM_PACKAGES = [
  'http-proxy',
  'http-proxy-3',
  'http-proxy-middleware',
  'httpxy',
  'fast-proxy',
  'express-http-proxy',
  '@fastify/http-proxy',
  '@fastify/reply-from',
  'koa-proxies',
  'redbird',
];

/**
 * Looks through a program's sources for names of variables and options that seem to be addresses. The usual names are
 * taken where there is no source to read.
 *
 * @param bare form of the value for a variable without a suffix, such as `UPSTREAM`: a URL, or host and port
 */
export function addressNames(
  source: string,
  dependencies: readonly string[],
  bare: 'url' | 'address' = 'url',
): AddressNames {
  const inSource = matches(
    source,
    /(?:\benv(?:iron)?(?:\??\.)?(?:get\()?(?:\[|\.)?|\bgetenv\()['"]?([A-Z][A-Z\d_]*)/gi,
  );
  const destructured = matches(source, /\{([^{}]*)\}\s*=\s*(?:process\.)?env\b/g).flatMap((text) =>
    matches(text, /\b([A-Z][A-Z\d_]*)\b/g),
  );
  const names = [...new Set([...inSource, ...destructured])];
  const known = names.length === 0 ? ['PORT'] : names;
  const variables = [...new Set([...ALWAYS_SET, ...known])].flatMap((name) => toldBy(name, bare) ?? []);
  const flags = [...new Set(matches(source, /['"`\s](--?[a-z][a-z-]*)\b/g))];
  const options = matches(source, /\b([a-z][a-zA-Z]*)\s*:\s*\{\s*type:\s*['"]string/g).map(
    (name) => `--${kebab(name)}`,
  );
  const given = [...new Set([...flags, ...options])];
  const positional = source === '' || source.includes('process.argv');
  const listen = given.filter((flag) =>
    /^(--port|--listen(-port|-address)?|-p|-l|--http-port|--bind)$/.test(flag),
  );
  const upstream = given.filter((flag) => flag.startsWith('--') && UPSTREAM_WORDS.test(flag.slice(2)));
  const guessed = source === '';
  const upstreamFlags = guessed ? ['--upstream', '--target'] : upstream;
  return {
    variables,
    listenArguments: (guessed ? ['--port', '--listen'] : listen).map(listenFlag),
    upstreamArguments: [
      ...upstreamFlags.flatMap((flag) => upstreamFlag(flag)),
      ...(positional ? POSITIONAL_UPSTREAM : []),
    ],
    hasUpstream:
      upstream.length > 0 ||
      positional ||
      names.some((name) => toldBy(name, bare)?.group.startsWith('upstream')) ||
      dependencies.some((name) => UPSTREAM_PACKAGES.includes(name)),
  };
}

/** Addresses without names, as `node proxy.js 9000 127.0.0.1 9001` takes them; tried after the listening port. */
const POSITIONAL_UPSTREAM = [
  ['{{upstream.host}}', '{{upstream.port}}'],
  ['{{upstream.port}}'],
  ['{{upstream.address}}'],
  ['http://{{upstream.address}}'],
];

function toldBy(name: string, bare: 'url' | 'address'): Told | undefined {
  const lower = name.toLowerCase();
  const [, stem = '', suffix = ''] =
    /^(.*?)_?(port|hostname|host|url|uri|address|addr|base)?$/.exec(lower) ?? [];
  if (UPSTREAM_WORDS.test(stem)) {
    const group = `upstream ${stem}`;
    if (suffix === 'port') return { name, group, text: '{{upstream.port}}' };
    if (suffix.startsWith('host')) return { name, group, text: '{{upstream.host}}' };
    const url =
      suffix === 'url' || suffix === 'uri' || suffix === 'base' || (suffix === '' && bare === 'url');
    const text = url ? 'http://{{upstream.address}}' : '{{upstream.address}}';
    return { name, group: `${group} ${suffix}`, text };
  }
  if (!LISTEN_WORDS.test(stem)) return undefined;
  const group = `listen ${stem}`;
  if (suffix === 'port') return { name, group, text: '{{listen.port}}' };
  if (suffix.startsWith('host')) return { name, group, text: '{{listen.host}}' };
  if (suffix.startsWith('addr') || stem === 'listen' || stem === 'bind')
    return { name, group: `${group} ${suffix}`, text: '{{listen.address}}' };
  return undefined;
}

function listenFlag(flag: string): string[] {
  return [flag, /listen$|address|^-l$|bind/.test(flag) ? '{{listen.address}}' : '{{listen.port}}'];
}

function upstreamFlag(flag: string): string[][] {
  if (flag.endsWith('-port'))
    return [[flag.replace(/-port$/, '-host'), '{{upstream.host}}', flag, '{{upstream.port}}']];
  if (flag.endsWith('-host')) return [];
  const forms = [
    [flag, '{{upstream.address}}'],
    [flag, 'http://{{upstream.address}}'],
  ];
  return flag.endsWith('-url') ? forms.toReversed() : forms;
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, found]) => found ?? []);
}
