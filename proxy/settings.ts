import { LastfinError } from '../errors/lastfin-error.ts';
import type { Address } from './address.ts';

/** Everything the proxy can be told. All durations in ms; 0 turns a limit off. */
export type ProxySettings = {
  listen: Address;
  upstream: Address;
  /** to get a connection to the upstream */
  connectTimeout: number;
  /** until the first byte from either side */
  initialTimeout: number;
  /** without a byte in either direction */
  inactivityTimeout: number;
  /** without a byte in either direction once one side has sent its FIN */
  halfOpenTimeout: number;
  /** from the accept, whatever happens */
  maxLifetime: number;
  /** between a socket's end() and its destroy(); 0 is at once */
  grace: number;
  /** the same when the proxy stops */
  shutdownGrace: number;
};

export type RequiredSettings = Pick<ProxySettings, 'listen' | 'upstream'>;

/** The defaults, in ms; `shutdownGrace` is that of `grace`. */
export const DEFAULT_LIMITS = {
  connectTimeout: 10_000,
  initialTimeout: 60_000,
  inactivityTimeout: 600_000,
  halfOpenTimeout: 120_000,
  maxLifetime: 86_400_000,
  grace: 1000,
} as const satisfies Partial<ProxySettings>;

/** The longest duration, in ms: Node keeps a timer's delay in 31 bits, and a longer one fires at once. */
export const MAX_DURATION = 2 ** 31 - 1;

/**
 * Fills in what was not said.
 *
 * @throws LastfinError `LASTFIN_USAGE` for a duration that no timer can keep
 */
export function withDefaults(settings: RequiredSettings & Partial<ProxySettings>): ProxySettings {
  const { listen, upstream, ...limits } = settings;
  const filled = { ...DEFAULT_LIMITS, shutdownGrace: limits.grace ?? DEFAULT_LIMITS.grace, ...limits };
  for (const [name, duration] of Object.entries(filled)) {
    if (!(duration >= 0 && duration <= MAX_DURATION)) {
      const message = `${name} is ${duration}: expected 0 to ${MAX_DURATION} ms`;
      throw new LastfinError('LASTFIN_USAGE', message, { facts: { setting: name, value: duration } });
    }
  }
  return { listen, upstream, ...filled };
}
