import type { SideName, TerminationReason } from './termination.ts';

/** How many sides have ended for each reason. Counts only grow. */
export class TerminationStatistics {
  readonly #counts = {
    incoming: new Map<TerminationReason, number>(),
    outgoing: new Map<TerminationReason, number>(),
  };

  increment(side: SideName, reason: TerminationReason): void {
    const counts = this.#counts[side];
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }

  /** A copy; reasons that never occurred are absent. */
  snapshot(): Record<SideName, Partial<Record<TerminationReason, number>>> {
    return {
      incoming: Object.fromEntries(this.#counts.incoming),
      outgoing: Object.fromEntries(this.#counts.outgoing),
    };
  }
}
