import type { Alive, Position, Report, Sample } from './protocol.ts';

/** `nameless`: what has grown may have only a number, where a name is dear; a later report has the names of those that there is more of. */
export type ReportOptions = { nameless?: boolean };

/**
 * One way to look at a target: from inside by the inspector, from outside through /proc, or by what it publishes. Runs know
 * only this, and look at a target with several joined. Every method rejects with `LASTFIN_PROBE` when the target is gone.
 */
export type Observer = {
  /** the cheap look, fit for polling */
  sample(): Promise<Sample>;
  /** remembers what is there now */
  baseline(): Promise<void>;
  /** what is there now and was not at the baseline */
  report(options?: ReportOptions): Promise<Report>;
  /** memory of the target's own, KiB: from inside what is left once garbage is collected, from outside what is resident */
  memory(): Promise<number>;
  /**
   * Counts objects by class. From the third call on it reports those that have gone on growing since the first.
   *
   * @param connections made since the call before; 0 begins anew
   */
  objects(connections: number): Promise<Report>;
  /** how exactly {@link memory} tells */
  readonly memoryKind: 'kept' | 'resident';
  /** hooks what the last report found growing, and what is allocated where asked for, where that can be done */
  arm(options?: { allocations?: boolean }): Promise<void>;
  /** the lines that inserted since {@link arm}, by fingerprint */
  explain(): Promise<Record<string, Position[]>>;
  /** what keeps a target alive that was told to stop */
  alive(): Promise<{ alive: Alive[]; why?: string }>;
  /** what this observer cannot see here, and why */
  readonly blind: readonly string[];
};

/** A sample in which nothing was seen: what an observer sees goes into a copy of it. */
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
