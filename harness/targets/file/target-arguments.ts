import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { type Address, formatAddress } from '../../../shared/address.ts';
import type { Case } from '../../scenario/case.ts';
import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import { configText, settingsOfRoute } from './target-config.ts';
import { fillPlaceholders } from './target-placeholders.ts';
import type { Target } from './target.ts';
import type { TargetRoute } from './route-schema.ts';

/** Addresses and paths that only the lab knows when a target is started. */
export type TargetAddresses = {
  listen: Address;
  upstream: Address;
  /** address for its metrics */
  admin: Address;
  /** second address of the upstream */
  upstream2?: Address;
  /** paths of PEM files, for routes that need them */
  tls?: { certificate: string; key: string; authority: string };
  /** path of the config file to be written */
  configPath?: string;
  /** free ports by their placeholders, such as `port.inner` */
  freePorts?: ReadonlyMap<string, number>;
};

/** Command, files and environment of a target for one case. */
export type TargetLaunch = {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** text to be written to `configPath` first */
  config?: string;
};

/**
 * Builds the command line of a target for one case: command, arguments of the route, then of the case's settings; and its config file,
 * if the route has one. Settings with a text for the config file replace `{{settings}}`, others add their arguments; their
 * variables are always set.
 *
 * @throws {LastfinError} LASTFIN_TARGET_INVALID for an unknown placeholder, route or setting.
 * @example
 * const at = (port: number) => ({ host: '127.0.0.1', port });
 * targetArguments(target, plan, { listen: at(9000), upstream: at(9001), admin: at(9002) });
 */
export function targetArguments(
  target: Target,
  plan: Pick<Case, 'route' | 'settings'>,
  addresses: TargetAddresses,
): TargetLaunch {
  const { listen, upstream, admin } = addresses;
  const fill = filler(target, plan.route, addresses);
  const route = routeOf(target, plan.route);
  const text = configText(target, route);
  const [command = '', ...args] = [...target.command, ...route.arguments].map((one) => fill(one));
  const lines: string[] = [];
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(plan.settings)) {
    const own: [string, string][] = [['value', String(value)]];
    const written = settingTexts(target, plan.route, name, value, text);
    args.push(...written.args.map((one) => fill(one, own)));
    lines.push(...written.lines.map((one) => fill(one, own)));
    for (const [variable, one] of written.variables) variables.set(variable, fill(one, own));
  }
  const env = Object.fromEntries(
    Object.entries(target.environment).map(([name, value]) => [name, fill(value)]),
  );
  return {
    command,
    args,
    env: {
      ...env,
      ...Object.fromEntries(variables),
      LISTEN_HOST: listen.host,
      LISTEN_PORT: String(listen.port),
      UPSTREAM_HOST: upstream.host,
      UPSTREAM_PORT: String(upstream.port),
      ADMIN_PORT: String(admin.port),
    },
    ...(text === undefined ? {} : { config: fill(withSettings(text, lines)) }),
  };
}

/** Texts of a route and of what all routes share, in which the lab looks for required ports and upstreams. */
export function textsOf(target: Target, name: string): string[] {
  const route = routeOf(target, name);
  const text = configText(target, route);
  return [
    ...target.command,
    ...route.arguments,
    ...Object.values(target.environment),
    ...(text === undefined ? [] : [text]),
  ];
}

function routeOf(target: Target, name: string): TargetRoute {
  const route = Object.hasOwn(target.routes, name) ? target.routes[name] : undefined;
  if (route === undefined) throw invalid(target, `no route \`${name}\``, name, Object.keys(target.routes));
  return route;
}

type Fill = (text: string, extra?: readonly [string, string][]) => string;

function filler(target: Target, route: string, addresses: TargetAddresses): Fill {
  const { listen, upstream, admin, upstream2, tls, configPath, freePorts } = addresses;
  const values = new Map<string, string>([
    ...placesOf('listen', listen),
    ...placesOf('upstream', upstream),
    ...placesOf('admin', admin),
    ...(upstream2 ? placesOf('upstream.2', upstream2) : []),
    ['route', route],
    ...Object.entries(target.places),
    ...Object.entries(tls ?? {}).map(([name, path]): [string, string] => [`tls.${name}`, path]),
    ...(configPath === undefined ? [] : [['config.path', configPath] as const]),
    ...[...(freePorts ?? [])].map(([name, port]): [string, string] => [name, String(port)]),
  ]);
  return (text, extra = []) => {
    const all = new Map([...values, ...extra]);
    return fillPlaceholders(text, all, (name) => {
      throw invalid(target, `\`{{${name}}}\` in \`${text}\` has no value here`, name, [...all.keys()]);
    });
  };
}

const placesOf = (name: string, address: Address): [string, string][] => [
  [`${name}.address`, formatAddress(address)],
  [`${name}.host`, address.host],
  [`${name}.port`, String(address.port)],
];

/** Inserts the settings' lines with the indentation of `{{settings}}`. */
function withSettings(text: string, lines: readonly string[]): string {
  return text.replace(/^([ \t]*)\{\{\s*settings\s*\}\}/gmu, (_written, indent: string) =>
    lines.map((line) => line.replaceAll(/^/gmu, indent)).join('\n'),
  );
}

function settingTexts(
  target: Target,
  route: string,
  name: string,
  value: string | number | boolean,
  config: string | undefined,
): { args: string[]; lines: string[]; variables: [string, string][] } {
  const setting = Object.hasOwn(target.settings, name) ? target.settings[name] : undefined;
  const known = settingsOfRoute(target, route);
  if (setting === undefined || !known.includes(name)) {
    const where = setting === undefined ? '' : ` on the route \`${route}\``;
    throw invalid(target, `no setting \`${name}\`${where}`, name, known);
  }
  const inFile = config?.includes('{{settings}}') === true && setting.config !== undefined;
  const texts = inFile ? [setting.config ?? ''] : (setting.arguments ?? []);
  // a flag without a value is present or absent
  const all = [...texts, ...Object.values(setting.environment ?? {})];
  const isOff =
    setting.type === 'boolean' && value === false && !all.some((text) => text.includes('{{value}}'));
  const written = isOff ? [] : texts;
  const variables = Object.entries(isOff ? {} : (setting.environment ?? {}));
  return { args: inFile ? [] : written, lines: inFile ? written : [], variables };
}

const invalid = (target: Target, what: string, word: string, known: string[]): LastfinError =>
  new LastfinError(
    'LASTFIN_TARGET_INVALID',
    `the target \`${target.name}\`: ${what}${suggestion(word, known)}`,
    {
      facts: { target: target.name, file: target.source.file },
    },
  );
