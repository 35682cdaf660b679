import type { Entry, Observation, Phase } from './entry.ts';

/** Writes one case's journal, with the time since the case began. */
export class Recorder {
  readonly entries: Entry[] = [];
  readonly #start = performance.now();
  readonly #onPhase: (phase: Phase) => void;

  constructor(onPhase: (phase: Phase) => void) {
    this.#onPhase = onPhase;
  }

  write(observation: Observation): void {
    this.entries.push({ t: Math.round((performance.now() - this.#start) * 10) / 10, ...observation });
  }

  phase(phase: Phase, round: number): void {
    this.write({ type: 'phase', phase, round });
    this.#onPhase(phase);
  }
}
