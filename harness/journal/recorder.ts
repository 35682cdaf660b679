import type { Entry, Observation, Phase } from './entry.ts';

export type RecorderOptions = {
  /** keep entries that only reports read, too: timelines of connections, counts, output; default: true */
  series?: boolean;
};

/** Writes one case's journal, with the time since the case began. */
export class Recorder {
  readonly entries: Entry[] = [];
  /** whether timelines, counts and output belong into the journal */
  readonly series: boolean;
  /** `performance.now()` when the case began */
  readonly start: number = performance.now();
  readonly #onPhase: (phase: Phase) => void;

  constructor(onPhase: (phase: Phase) => void, { series = true }: RecorderOptions = {}) {
    this.#onPhase = onPhase;
    this.series = series;
  }

  write(observation: Observation): void {
    this.entries.push({ t: this.at(performance.now()), ...observation });
  }

  phase(phase: Phase, round: number): void {
    this.write({ type: 'phase', phase, round });
    this.#onPhase(phase);
  }

  /** Time of a journal for a moment by `performance.now()`: ms since the case began, one decimal. */
  at(moment: number): number {
    return Math.round((moment - this.start) * 10) / 10;
  }

  /** Puts entries that were held back where they belong by their times. Both lists are in order. */
  insert(late: readonly Entry[]): void {
    const entries = this.entries.splice(0);
    let next = 0;
    for (const entry of late) {
      for (let one = entries[next]; one !== undefined && one.t <= entry.t; one = entries[++next])
        this.entries.push(one);
      this.entries.push(entry);
    }
    for (const entry of entries.slice(next)) this.entries.push(entry);
  }
}
