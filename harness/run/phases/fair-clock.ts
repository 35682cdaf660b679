import { starvedFor } from '../../../shared/starvation.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';

/** At most this multiple of the limit is excused as starvation: a bound must end on any machine. */
const MOST_STARVED = 4;

/** Processes between which a case goes to and fro: the harness, the target, and those with a probe in them. */
export function pidsOf({ target, probe }: Pick<CaseLab, 'target' | 'probe'>): number[] {
  return [...new Set([process.pid, target.pid, ...(probe?.pids ?? [])])];
}

/**
 * Time as it counts against a limit: wall time, less the heap walks (they stop the target) and less what a busy machine kept from target and
 * harness.
 */
export class FairClock {
  readonly #since: number;
  readonly #limit: number;
  readonly #pids: readonly number[];
  readonly #starvedFor: (pid: number) => number;
  readonly #starvedBefore: number[];
  #walking = 0;
  #starvedWalking: number[];

  /**
   * @param since `performance.now()` when it began
   * @param limit ms
   * @param starved how long a process has waited for a processor so far, ms
   */
  constructor(since: number, limit: number, pids: readonly number[], starved = starvedFor) {
    this.#since = since;
    this.#limit = limit;
    this.#pids = pids;
    this.#starvedFor = starved;
    this.#starvedBefore = pids.map(starved);
    this.#starvedWalking = pids.map(() => 0);
  }

  /** ms */
  get passed(): number {
    const wall = performance.now() - this.#since - this.#walking;
    return Math.max(0, wall - this.starved);
  }

  /** ms; 0 or less when the limit has passed */
  get remaining(): number {
    return this.#limit - this.passed;
  }

  /** Runs a heap walk, whose time does not count. */
  async walk<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const starved = this.#pids.map(this.#starvedFor);
    try {
      return await work();
    } finally {
      this.#walking += performance.now() - start;
      // starvation during the walk is in the walk's time already
      this.#starvedWalking = this.#starvedWalking.map(
        (sum, index) => sum + this.#now(index) - (starved[index] ?? 0),
      );
    }
  }

  /** Starvation of all processes together: while one waits for another, that one may wait for a processor. ms */
  get starved(): number {
    let sum = 0;
    for (const index of this.#pids.keys()) {
      const waited =
        this.#now(index) - (this.#starvedBefore[index] ?? 0) - (this.#starvedWalking[index] ?? 0);
      // negative for a process that is gone: its starvation reads 0
      sum += Math.max(0, waited);
    }
    return Math.min(sum, MOST_STARVED * this.#limit);
  }

  #now(index: number): number {
    return this.#starvedFor(this.#pids[index] ?? 0);
  }
}
