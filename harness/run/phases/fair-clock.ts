import { starvedFor } from '../../lab/starvation.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';

/** Of each ms of the limit, this many more may be put down to a starved machine: a bound must end on any machine. */
const MOST_STARVED = 4;

/** The processes that a case goes to and fro between. */
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
  readonly #starvedBefore: number[];
  #walking = 0;
  #starvedWalking: number[];

  /** @param since `performance.now()` when it began @param limit ms */
  constructor(since: number, limit: number, pids: readonly number[]) {
    this.#since = since;
    this.#limit = limit;
    this.#pids = pids;
    this.#starvedBefore = pids.map(starvedFor);
    this.#starvedWalking = pids.map(() => 0);
  }

  /** ms */
  get passed(): number {
    const wall = performance.now() - this.#since - this.#walking;
    return Math.max(0, wall - this.#starved());
  }

  /** ms; 0 or less when the limit has passed */
  get left(): number {
    return this.#limit - this.passed;
  }

  /** Runs a heap walk, whose time does not count. */
  async walk<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const starved = this.#pids.map(starvedFor);
    try {
      return await work();
    } finally {
      this.#walking += performance.now() - start;
      // it is in the walk's time already
      this.#starvedWalking = this.#starvedWalking.map(
        (sum, index) => sum + this.#now(index) - (starved[index] ?? 0),
      );
    }
  }

  /** All of it: a case goes to and fro between them, and while one waits for the other, that one may wait for a processor. */
  #starved(): number {
    let sum = 0;
    for (const index of this.#pids.keys()) {
      const waited =
        this.#now(index) - (this.#starvedBefore[index] ?? 0) - (this.#starvedWalking[index] ?? 0);
      // of one that is gone nothing is known
      sum += Math.max(0, waited);
    }
    return Math.min(sum, MOST_STARVED * this.#limit);
  }

  #now(index: number): number {
    return starvedFor(this.#pids[index] ?? 0);
  }
}
