import { CountTable } from '../observe/count-table.ts';
import { TERMINATION_REASONS } from './termination.ts';
import type { SideName, TerminationReason } from './termination.ts';

/** Counts how many sides have ended for each reason. */
export class TerminationStatistics {
  readonly #counts = {
    incoming: new CountTable(TERMINATION_REASONS),
    outgoing: new CountTable(TERMINATION_REASONS),
  };

  increment(side: SideName, reason: TerminationReason): void {
    this.#counts[side].add(reason);
  }

  /** Copy of the counts; reasons that never occurred are absent. */
  snapshot(): Record<SideName, Partial<Record<TerminationReason, number>>> {
    return { incoming: this.#counts.incoming.occurred(), outgoing: this.#counts.outgoing.occurred() };
  }
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
