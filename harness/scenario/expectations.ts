import type { Count } from './trigger.ts';

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

/** Why one side of a connection ended (the table in the design). */
export type TerminationReason = (typeof TERMINATION_REASONS)[number];

/** An expected count: exact, or a range where a race is real. `all` is every connection of the round. */
export type CountRange = { min: Count; max: Count };

/**
 * How a connection ended as an actor saw it, before the release: the peer's FIN (`end`), its RST (`reset`), a failed
 * connect (`refused`, `timeout`), another error code, or nothing from the peer (`none`: still open, or ended by the actor itself).
 */
export type Seen = 'end' | 'reset' | 'refused' | 'timeout' | 'none' | (string & {});

/** Gauges and counters, by name, as what was added since the baseline; those not named are not judged. */
export type Figures = Record<string, CountRange>;

export type Expectations = {
  /** termination reasons of the incoming side; reasons not named must be 0. Absent: not judged. */
  incoming?: Partial<Record<TerminationReason, CountRange>>;
  outgoing?: Partial<Record<TerminationReason, CountRange>>;
  /** what the clients saw; outcomes not named must be 0. Absent: not judged. */
  client?: Record<string, CountRange>;
  upstream?: Record<string, CountRange>;
  /** ms from the last step until all counts are back at the baseline */
  drain: number;
  /** exact bytes that must have arrived, summed over all connections of the round. Absent: only the laws. */
  delivered?: { toUpstream?: number; toClient?: number };
  /** most bytes that a sender got rid of on one connection before it saw its end; kernel buffers included */
  absorbed?: number;
  /** once all faults are healed, so many new connections must be served as if nothing had been */
  recovery?: number;
  /** larger rounds follow, in which memory must not go on growing */
  memory?: 'level';
  /** figures of the target, by the names that it publishes them under: what was added since the baseline. Absent: only the laws. */
  figures?: {
    /** at each step `look`, in their order */
    looks?: Figures[];
    /** when all has ended */
    after?: Figures;
  };
};
