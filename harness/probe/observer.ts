import type { Alive, Position, Report, Sample } from './protocol.ts';

/** Options of a report. `placeholders`: growth may get only a number if a name is expensive; a later report names what has grown again. */
export type ReportOptions = { placeholders?: boolean };

/**
 * View of a target: from inside by the inspector, from outside through /proc, or by its published figures. Runs know only this type,
 * and join several views. Every method rejects with `LASTFIN_PROBE` when the target is gone.
 */
export type Observer = {
  /** takes a cheap sample, fit for polling */
  sample(): Promise<Sample>;
  /** remembers the present state */
  baseline(): Promise<void>;
  /** reports what was added since the baseline */
  report(options?: ReportOptions): Promise<Report>;
  /** memory of the target itself, KiB: from inside after garbage collection, from outside the resident pages */
  memory(): Promise<number>;
  /**
   * Counts objects by class. From the third call on it reports those that have gone on growing since the first.
   *
   * @param connections connections since the previous call; 0 starts over
   */
  objects(connections: number): Promise<Report>;
  /** precision of {@link memory} */
  readonly memoryKind: 'kept' | 'rss';
  /** hooks what the last report found growing, and samples allocations if asked to, where possible */
  arm(options?: { allocations?: boolean }): Promise<void>;
  /** lines that inserted since {@link arm}, by fingerprint */
  explain(): Promise<Record<string, Position[]>>;
  /** things that keep a stopped target alive */
  alive(): Promise<{ alive: Alive[]; why?: string }>;
  /** things that this observer cannot see here, with the reasons */
  readonly blind: readonly string[];
};

/** Empty sample, to be filled by an observer. */
export function emptySample(): Sample {
  return {
    gauges: {},
    counters: {},
    terminations: { incoming: {}, outgoing: {} },
    resources: {},
    fds: {},
    heapUsed: 0,
  };
}
