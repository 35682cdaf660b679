import type { Clock, Timer } from './clock.ts';

/**
 * Deadline of one item; give it back to end it. V8 makes a new table of a Map or Set whenever its holes fill up, and each old table keeps
 * what was in it alive until a full collection: it must not be the item, a connection with all its buffers.
 */
export type Deadline<T> = { item: T | undefined; readonly since: number };

/**
 * Delay shared by many items: they fall due in the order in which they were added, so one timer for the first is enough.
 * Costs a set entry for each item, and a timer only while there is one.
 *
 * @example
 * const lifetimes = new Deadlines<ConnectionRecord>(clock, 86_400_000, (record) => end(record));
 * const lifetime = lifetimes.add(record, clock.now());
 * lifetimes.delete(lifetime);
 */
export class Deadlines<T> {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #onDue: (item: T) => void;
  readonly #since = new Set<Deadline<T>>();
  #timer: Timer | undefined;

  /** @param ms delay; 0: nothing ever falls due */
  constructor(clock: Clock, ms: number, onDue: (item: T) => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#onDue = onDue;
  }

  /** @param now time by the clock; never earlier than for the item added before */
  add(item: T, now: number): Deadline<T> | undefined {
    if (this.#ms === 0) return undefined;
    this.#arm(this.#ms);
    const deadline = { item, since: now };
    this.#since.add(deadline);
    return deadline;
  }

  delete(deadline: Deadline<T> | undefined): void {
    if (deadline === undefined) return;
    this.#drop(deadline);
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
    for (const deadline of this.#since) {
      const remaining = deadline.since + this.#ms - now;
      // a timer may fire a little before its time
      if (remaining > 1) {
        this.#timer?.cancel();
        this.#timer = undefined;
        return this.#arm(remaining);
      }
      const { item } = deadline;
      this.#drop(deadline);
      if (item !== undefined) this.#onDue(item);
    }
  }

  #drop(deadline: Deadline<T>): void {
    this.#since.delete(deadline);
    deadline.item = undefined;
  }
}
