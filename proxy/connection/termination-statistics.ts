import { TERMINATION_REASONS } from './termination.ts';
import type { SideName, TerminationReason } from './termination.ts';

/** Counts how many sides have ended for each reason. The tables hold every reason from the start, so they never grow. */
export class TerminationStatistics {
  readonly #counts = { incoming: zeros(), outgoing: zeros() };

  increment(side: SideName, reason: TerminationReason): void {
    const counts = this.#counts[side];
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }

  /** Copy of the counts; reasons that never occurred are absent. */
  snapshot(): Record<SideName, Partial<Record<TerminationReason, number>>> {
    return { incoming: occurred(this.#counts.incoming), outgoing: occurred(this.#counts.outgoing) };
  }
}

function zeros(): Map<TerminationReason, number> {
  return new Map(TERMINATION_REASONS.map((reason) => [reason, 0]));
}

function occurred(counts: Map<TerminationReason, number>): Partial<Record<TerminationReason, number>> {
  return Object.fromEntries([...counts].filter(([, count]) => count > 0));
}

/**
 * Figures of the proxy at one instant. Always: `accepted` = Σ `terminations.incoming` + `active`, and
 * `outgoingCreated` = Σ `terminations.outgoing` + `activeOutgoing`.
 */
export type ProxyStatistics = {
  accepted: number;
  active: number;
  outgoingCreated: number;
  activeOutgoing: number;
  terminations: ReturnType<TerminationStatistics['snapshot']>;
};
