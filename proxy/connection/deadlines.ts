import type { Clock, Timer } from '../clock/clock.ts';

/**
 * Delay shared by many items: they fall due in the order in which they were added, so one timer for the first is enough.
 * Costs a set entry for each item, and a timer only while there is one.
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

  /** @param ms delay; 0: nothing ever falls due */
  constructor(clock: Clock, ms: number, onDue: (item: T) => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#onDue = onDue;
  }

  /** @param now time by the clock; never earlier than for the item added before */
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

  /** Handles the items that are due. The first may have been removed meanwhile: then the timer is set for the new first one. */
  #look(): void {
    const now = this.#clock.now();
    for (const [item, since] of this.#since) {
      const remaining = since + this.#ms - now;
      // a timer may fire a little before its time
      if (remaining > 1) {
        this.#timer?.cancel();
        this.#timer = undefined;
        return this.#arm(remaining);
      }
      this.#since.delete(item);
      this.#onDue(item);
    }
  }
}
