import type { LoadLimits } from './background-load.ts';
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

/** Reason why one side of a connection ended (the table in the design). */
export type TerminationReason = (typeof TERMINATION_REASONS)[number];

/** Expected count: exact, or a range where a race is real. `all` is every connection of the round. */
export type CountRange = { min: Count; max: Count };

/**
 * Ending of a connection as an actor saw it, before the release: the peer's FIN (`end`), its RST (`reset`), a failed connect
 * (`refused`, `timeout`), another error code, or nothing from the peer (`none`: still open, or ended by the actor itself).
 */
export type Seen = 'end' | 'reset' | 'refused' | 'timeout' | 'none' | (string & {});

/** Expected growth of gauges and counters since the baseline, by name; others are not judged. */
export type Figures = Record<string, CountRange>;

export type Expectations = {
  /** termination reasons of the incoming side; reasons not named must be 0. Absent: not judged. */
  incoming?: Partial<Record<TerminationReason, CountRange>>;
  outgoing?: Partial<Record<TerminationReason, CountRange>>;
  /** endings that the clients saw; unnamed endings must not occur. Absent: not judged. */
  client?: Record<string, CountRange>;
  upstream?: Record<string, CountRange>;
  /** ms from the last step until all counts are back at the baseline */
  drain: number;
  /** exact bytes that must arrive, summed over all connections of the round. Absent: only the invariants are checked. */
  delivered?: { toUpstream?: number; toClient?: number };
  /** most bytes that a sender could write on one connection before it saw its end, including kernel buffers */
  absorbed?: number;
  /** number of new connections that must be served normally once all faults are healed */
  recovery?: number;
  /** most that may be wrong with the load. Absent: not judged */
  load?: LoadLimits;
  /** `level`: larger rounds follow, in which memory must stop growing */
  memory?: 'level';
  /** expected growth of published figures since the baseline, by name. Absent: only the invariants are checked. */
  figures?: {
    /** at each step `look`, in order */
    looks?: Figures[];
    /** after everything has ended */
    after?: Figures;
  };
};
