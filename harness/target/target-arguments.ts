import { LastfinError } from '../../errors/lastfin-error.ts';
import { type Address, authority } from '../lab/address.ts';
import type { Case } from '../scenario/scenario.ts';
import { suggestion } from '../../yaml-file/did-you-mean.ts';
import { fillPlaceholders } from './target-placeholders.ts';
import type { Target } from './target-file.ts';

/** What only the lab knows when a target is started. */
export type TargetAddresses = {
  listen: Address;
  upstream: Address;
  /** paths of PEM files, for routes that need them */
  tls?: { certificate: string; key: string; authority: string };
};

/**
 * The command line of a target for one case: command, arguments of the route, then of the case's settings.
 *
 * @throws {LastfinError} LASTFIN_TARGET_INVALID for a placeholder, route or setting that it does not have.
 * @example
 * targetArguments(target, plan, { listen: { host: '127.0.0.1', port: 9000 }, upstream: { host: '127.0.0.1', port: 9001 } });
 */
export function targetArguments(
  target: Target,
  plan: Pick<Case, 'route' | 'settings'>,
  addresses: TargetAddresses,
): { command: string; args: string[]; env: Record<string, string> } {
  const { listen, upstream, tls } = addresses;
  const values = new Map<string, string>([
    ['listen.address', authority(listen)],
    ['listen.host', listen.host],
    ['listen.port', String(listen.port)],
    ['upstream.address', authority(upstream)],
    ['upstream.host', upstream.host],
    ['upstream.port', String(upstream.port)],
    ['route', plan.route],
    ...Object.entries(target.places),
    ...Object.entries(tls ?? {}).map(([name, path]): [string, string] => [`tls.${name}`, path]),
  ]);
  const fill = (text: string, extra: readonly [string, string][] = []): string => {
    const all = new Map([...values, ...extra]);
    return fillPlaceholders(text, all, (name) => {
      throw invalid(target, `\`{{${name}}}\` in \`${text}\` has no value here`, name, [...all.keys()]);
    });
  };
  const route = Object.hasOwn(target.routes, plan.route) ? target.routes[plan.route] : undefined;
  if (route === undefined)
    throw invalid(target, `no route \`${plan.route}\``, plan.route, Object.keys(target.routes));
  const [command = '', ...args] = [...target.command, ...route].map((text) => fill(text));
  for (const [name, value] of Object.entries(plan.settings)) {
    args.push(...settingTexts(target, name, value).map((text) => fill(text, [['value', String(value)]])));
  }
  const env = Object.fromEntries(
    Object.entries(target.environment).map(([name, text]) => [name, fill(text)]),
  );
  return {
    command,
    args,
    env: {
      ...env,
      LISTEN_HOST: listen.host,
      LISTEN_PORT: String(listen.port),
      UPSTREAM_HOST: upstream.host,
      UPSTREAM_PORT: String(upstream.port),
    },
  };
}

function settingTexts(target: Target, name: string, value: string | number | boolean): string[] {
  const setting = Object.hasOwn(target.settings, name) ? target.settings[name] : undefined;
  if (setting === undefined)
    throw invalid(target, `no setting \`${name}\``, name, Object.keys(target.settings));
  // A flag without a value is there or not there.
  const isSwitch =
    setting.type === 'boolean' && !setting.arguments.some((text) => text.includes('{{value}}'));
  return isSwitch && value === false ? [] : setting.arguments;
}

const invalid = (target: Target, what: string, word: string, known: string[]): LastfinError =>
  new LastfinError(
    'LASTFIN_TARGET_INVALID',
    `the target \`${target.name}\`: ${what}${suggestion(word, known)}`,
    {
      facts: { target: target.name, file: target.source.file },
    },
  );
