import type { Origin, SideName, TerminationReason } from './termination.ts';

/** What a socket error can mean for the connection. */
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
  // ours, not the peer's: no port or descriptor is left, or no name server answers
  EADDRNOTAVAIL: 'error',
  EMFILE: 'error',
  ENFILE: 'error',
  ENOTFOUND: 'error',
  EAI_AGAIN: 'error',
};

/** Of several failed addresses the one that came nearest to an answer tells the most. */
const MOST_TELLING: readonly ErrorReason[] = [
  'connection_refused',
  'econnreset',
  'etimedout',
  'host_unreachable',
];

/**
 * The reason that a socket error stands for. An AggregateError (happy eyeballs: one error an address) is judged by its
 * members, because its own `code` is just that of the first.
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
 * Which side an error on `side` is put down to. A connect that got no connection ends both sides alike; an established
 * one (or one that was reset while connecting) ended at the side where the error was seen.
 */
export function originOfError(side: SideName, connected: boolean, reason: ErrorReason): Origin {
  const connectFailed =
    !connected &&
    (reason === 'connection_refused' || reason === 'host_unreachable' || reason === 'etimedout');
  return connectFailed ? 'both' : side;
}

/** The system's code of an error (`ECONNRESET`), where it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
