import type { Verdict } from '../../../judge/verdict.ts';
import type { Phase } from '../../../journal/entry.ts';
import { duration } from '../../duration.ts';
import { plainLine } from '../../plain-text.ts';
import type { Palette } from '../palette.ts';

/** Cases of a run that are running, and the verdicts of those that have ended. */
export class RunningCases {
  readonly #running = new Map<string, { since: number; phase?: Phase }>();
  readonly #counts = new Map<Verdict, number>();
  readonly #cases: number;
  readonly #now: () => number;
  readonly #start: number;

  constructor(cases: number, now: () => number) {
    this.#cases = cases;
    this.#now = now;
    this.#start = now();
  }

  get size(): number {
    return this.#running.size;
  }

  started(id: string): void {
    this.#running.set(id, { since: this.#now() });
  }

  phase(id: string, phase: Phase): void {
    // another attempt begins with its first phase
    const running = this.#running.get(id) ?? { since: this.#now() };
    this.#running.set(id, { ...running, phase });
  }

  /** Takes a case off the list that will be run again later. */
  waits(id: string): void {
    this.#running.delete(id);
  }

  ended(id: string, verdict: Verdict): void {
    this.#running.delete(id);
    this.#counts.set(verdict, (this.#counts.get(verdict) ?? 0) + 1);
  }

  /** Names of the running cases, each with its phase and its time, at most `most` of them. */
  names(most: number): { id: string; phase: string; took: string }[] {
    const now = this.#now();
    return [...this.#running].slice(0, most).map(([id, { since, phase }]) => ({
      id: plainLine(id),
      phase: phase ?? 'start',
      took: inTenths(now - since),
    }));
  }

  /** Line with the number of cases that have ended, by verdict, and the time so far. */
  summary({ verdict: colour }: Palette): string {
    const done = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
    const counts = [...this.#counts].map(([verdict, count]) => colour[verdict](`${count} ${verdict}`));
    return [`${done} of ${this.#cases} cases`, ...counts, inTenths(this.#now() - this.#start)].join(' · ');
  }
}

function inTenths(ms: number): string {
  return duration(Math.floor(ms / 100) * 100);
}
