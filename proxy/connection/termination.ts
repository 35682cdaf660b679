/** Sockets of a proxied connection by side: client→proxy and proxy→upstream. */
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
  'handshake_timeout',
  'rejected_limit',
  'rejected_ip',
  'sni_mismatch',
  'socket_end',
  'socket_error',
  'proxy_end',
  'proxy_error',
  'nftables_handled',
  'shutdown',
] as const;

/** Reason why one side of a connection ended. The names are public: logs, statistics and scenarios use them. */
export type TerminationReason = (typeof TERMINATION_REASONS)[number];

/** Side on which the cause was seen; `both` if the proxy itself, or a failed connect, ends both sides alike. */
export type Origin = SideName | 'both';

/** Reason of a side: the origin gets the cause, the other side that its peer ended. */
export function reasonOf(side: SideName, origin: Origin, cause: TerminationReason): TerminationReason {
  if (origin === 'both' || origin === side) return cause;
  return origin === 'incoming' ? 'closed_incoming' : 'closed_outgoing';
}

const BRIDGE_REASONS: Readonly<Record<SideName, Partial<Record<TerminationReason, TerminationReason>>>> = {
  incoming: {
    normal: 'socket_end',
    econnreset: 'socket_error',
    etimedout: 'socket_error',
    host_unreachable: 'socket_error',
    error: 'socket_error',
  },
  outgoing: {
    normal: 'proxy_end',
    econnreset: 'proxy_error',
    etimedout: 'proxy_error',
    connection_refused: 'proxy_error',
    host_unreachable: 'proxy_error',
    error: 'proxy_error',
  },
};

/** Reason on a connection that is bridged to the inner proxy: names which of the two ended or failed. */
export function bridgeReason(side: SideName, reason: TerminationReason): TerminationReason {
  return BRIDGE_REASONS[side][reason] ?? reason;
}
