/** Times between two looks, ms. */
const EVERY = 25;

/** Remembers how much processes were starved by when, so that it can be told for any span of the past. */
export class StarvationLog {
  readonly #starved: () => number;
  readonly #looks: { at: number; starved: number }[] = [];
  readonly #timer: NodeJS.Timeout;

  /** @param starved ms for which the processes have waited for a processor so far */
  constructor(starved: () => number) {
    this.#starved = starved;
    this.#look();
    this.#timer = setInterval(() => this.#look(), EVERY);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  /** Starvation between two times of `performance.now()`, ms. */
  readonly between = (from: number, to: number): number => Math.max(0, this.#until(to) - this.#until(from));

  #look(): void {
    this.#looks.push({ at: performance.now(), starved: this.#starved() });
  }

  /** Starvation up to a time, in proportion between two looks. */
  #until(at: number): number {
    let low = 0;
    let high = this.#looks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#looks[middle]?.at ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    const [before, after] = [this.#looks[low], this.#looks[low + 1]];
    if (before === undefined) return 0;
    if (after === undefined) return before.starved;
    const share = Math.min(1, Math.max(0, (at - before.at) / (after.at - before.at)));
    return before.starved + share * (after.starved - before.starved);
  }
}
