import type { Clock, Timer } from '../clock/clock.ts';

/**
 * One limit for many: each thing falls due the same time after it was added, so that they do so in order, and one timer
 * for the first of them is enough. Costs an entry of a set for each, and a timer only while there is one.
 *
 * @example
 * const lifetimes = new Deadlines<ConnectionRecord>(clock, 86_400_000, (record) => end(record));
 * lifetimes.add(record, clock.now());
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #onDue: (item: T) => void;
  readonly #since = new Map<T, number>();
  #timer: Timer | undefined;

  /** @param ms 0: nothing ever falls due */
  constructor(clock: Clock, ms: number, onDue: (item: T) => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#onDue = onDue;
  }

  /** @param now by the clock; never before that of the thing added last */
  add(item: T, now: number): void {
    if (this.#ms === 0) return;
    this.#since.set(item, now);
    this.#arm(this.#ms);
  }

  delete(item: T): void {
    this.#since.delete(item);
    if (this.#since.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, ms);
  }

  /** The first may have gone since the timer was set: then it is set again for the one that is first now. */
  #look(): void {
    const now = this.#clock.now();
    for (const [item, since] of this.#since) {
      const left = since + this.#ms - now;
      // a timer may fire a little before its time
      if (left > 1) {
        this.#timer?.cancel();
        this.#timer = undefined;
        return this.#arm(left);
      }
      this.#since.delete(item);
      this.#onDue(item);
    }
  }
}
