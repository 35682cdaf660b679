import { starvedFor } from '../starvation.ts';

/**
 * Measures how long something takes, without the time for which the machine gave the processes concerned no processor: an upper bound on
 * it holds on a busy machine as well.
 *
 * @param pids processes that the work is done in
 */
export class Stopwatch {
  /** Moment of the start, as `performance.now()` told it. */
  readonly since: number = performance.now();
  readonly #pids: readonly number[];
  readonly #starved: number;

  constructor(pids: readonly number[] = [process.pid]) {
    this.#pids = pids;
    this.#starved = this.#starvedSoFar();
  }

  /** Wall time since the start, ms: for lower bounds. */
  get wall(): number {
    return performance.now() - this.since;
  }

  /** Time without a processor since the start, ms. */
  get starved(): number {
    return this.#starvedSoFar() - this.#starved;
  }

  /** Wall time less starvation, ms: for upper bounds. */
  get fair(): number {
    return this.wall - this.starved;
  }

  #starvedSoFar(): number {
    return this.#pids.reduce((sum, pid) => sum + starvedFor(pid), 0);
  }
}
