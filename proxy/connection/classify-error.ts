import type { Origin, SideName, TerminationReason } from './termination.ts';

/** Termination reasons that a socket error can lead to. */
export type ErrorReason = Extract<
  TerminationReason,
  'econnreset' | 'etimedout' | 'connection_refused' | 'host_unreachable' | 'error'
>;

const REASON_BY_CODE: Readonly<Record<string, ErrorReason>> = {
  ECONNRESET: 'econnreset',
  // Linux answers EPIPE, not ECONNRESET, when the RST comes after the peer's FIN
  EPIPE: 'econnreset',
  ETIMEDOUT: 'etimedout',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'host_unreachable',
  ENETUNREACH: 'host_unreachable',
  EHOSTDOWN: 'host_unreachable',
  ENETDOWN: 'host_unreachable',
  // the proxy's own failure, not the peer's: no local port or descriptor is left, or no name server answers
  EADDRNOTAVAIL: 'error',
  EMFILE: 'error',
  ENFILE: 'error',
  ENOTFOUND: 'error',
  EAI_AGAIN: 'error',
};

/** Reasons by how much they tell: when several addresses fail, the one that came nearest to an answer is reported. */
const MOST_TELLING: readonly ErrorReason[] = [
  'connection_refused',
  'econnreset',
  'etimedout',
  'host_unreachable',
];

/**
 * Termination reason for a socket error. An AggregateError (happy eyeballs: one error an address) is classified by its
 * members, because its own `code` is only that of the first.
 *
 * @example
 * classifyError(Object.assign(new Error(), { code: 'EPIPE' })); // 'econnreset'
 */
export function classifyError(error: unknown): ErrorReason {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const reasons = new Set(error.errors.map((member) => classifyError(member)));
    return MOST_TELLING.find((reason) => reasons.has(reason)) ?? 'error';
  }
  const code = codeOf(error);
  return code !== undefined && Object.hasOwn(REASON_BY_CODE, code) ? REASON_BY_CODE[code]! : 'error';
}

/**
 * Side that an error seen on `side` is attributed to. A failed connect ends both sides alike; an established connection
 * (or one reset while connecting) ended at the side where the error was seen.
 */
export function originOfError(side: SideName, connected: boolean, reason: ErrorReason): Origin {
  const connectFailed =
    !connected &&
    (reason === 'connection_refused' || reason === 'host_unreachable' || reason === 'etimedout');
  return connectFailed ? 'both' : side;
}

/** System code of an error (`ECONNRESET`), if it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
