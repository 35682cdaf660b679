/** The two sockets of one proxied connection: client→proxy and proxy→upstream. */
export type SideName = 'incoming' | 'outgoing';

export const TERMINATION_REASONS = [
  'normal',
  'closed_incoming',
  'closed_outgoing',
  'econnreset',
  'etimedout',
  'connection_refused',
  'host_unreachable',
  'error',
  'inactivity',
  'max_lifetime',
  'initial_timeout',
  'half_open_timeout',
  'pending_overflow',
  'rejected_limit',
  'rejected_ip',
  'sni_mismatch',
  'shutdown',
] as const;

/** Why one side of a connection ended. The names are public: logs, statistics and scenarios use them. */
export type TerminationReason = (typeof TERMINATION_REASONS)[number];

/** The side on which the cause was seen; `both` when the proxy itself, or a failed connect, ends the two alike. */
export type Origin = SideName | 'both';

/** The reason of each side: the origin has the cause, the other says that its peer ended. */
export function reasonOf(side: SideName, origin: Origin, cause: TerminationReason): TerminationReason {
  if (origin === 'both' || origin === side) return cause;
  return origin === 'incoming' ? 'closed_incoming' : 'closed_outgoing';
}
