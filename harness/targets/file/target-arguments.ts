import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { type Address, formatAddress } from '../../../shared/address.ts';
import type { Case } from '../../scenario/case.ts';
import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import { configText, settingsOfRoute } from './target-config.ts';
import { fillPlaceholders } from './target-placeholders.ts';
import type { Target } from './target.ts';
import type { TargetRoute } from './route-schema.ts';

/** What only the lab knows when a target is started. */
export type TargetAddresses = {
  listen: Address;
  upstream: Address;
  /** where it may serve its metrics */
  admin: Address;
  /** a second one, beside the first */
  upstream2?: Address;
  /** paths of PEM files, for routes that need them */
  tls?: { certificate: string; key: string; authority: string };
  /** where the config file is to be */
  configPath?: string;
  /** by their placeholders, `port.inner` */
  freePorts?: ReadonlyMap<string, number>;
};

/** How a target is started for one case. */
export type TargetLaunch = {
  command: string;
  args: string[];
  env: Record<string, string>;
  /** to be written to `configPath` first */
  config?: string;
};

/**
 * The command line of a target for one case: command, arguments of the route, then of the case's settings; and its config file,
 * where the route has one. What a setting is in the config file stands in place of `{{settings}}`, otherwise its arguments are added; its
 * variables are always set.
 *
 * @throws {LastfinError} LASTFIN_TARGET_INVALID for a placeholder, route or setting that it does not have.
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
    const said = settingTexts(target, plan.route, name, value, text);
    args.push(...said.args.map((one) => fill(one, own)));
    lines.push(...said.lines.map((one) => fill(one, own)));
    for (const [variable, one] of said.variables) variables.set(variable, fill(one, own));
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

/** Every text of a route and of what all routes share: what the lab looks through for ports and upstreams that it must make. */
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

/** Each line of the settings takes the indentation of `{{settings}}`. */
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
  // A flag without a value is there or not there.
  const all = [...texts, ...Object.values(setting.environment ?? {})];
  const isOff =
    setting.type === 'boolean' && value === false && !all.some((text) => text.includes('{{value}}'));
  const said = isOff ? [] : texts;
  const variables = Object.entries(isOff ? {} : (setting.environment ?? {}));
  return { args: inFile ? [] : said, lines: inFile ? said : [], variables };
}

const invalid = (target: Target, what: string, word: string, known: string[]): LastfinError =>
  new LastfinError(
    'LASTFIN_TARGET_INVALID',
    `the target \`${target.name}\`: ${what}${suggestion(word, known)}`,
    {
      facts: { target: target.name, file: target.source.file },
    },
  );
