import type { Entry, Phase } from '../../../journal/entry.ts';

/** Time that a case spent in a phase. */
export type PhaseSpan = { phase: Phase; round: number; from: number; to: number };

/** Phases of a case, each up to the next; the last one up to `end`. */
export function phasesOf(entries: readonly Entry[], end: number): PhaseSpan[] {
  const starts = entries.flatMap((entry) => (entry.type === 'phase' ? [entry] : []));
  return starts.map(({ phase, round, t }, index) => ({
    phase,
    round,
    from: t,
    to: starts[index + 1]?.t ?? end,
  }));
}
