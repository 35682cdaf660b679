import type { Clock, Timer } from './clock.ts';

type Waiting = Timer & { readonly at: number; readonly callback: () => void };

/**
 * A few timers on one of another clock: what a proxy watches for all of its connections together (their lifetimes, their first
 * bytes, the sweep) has one timer. Looks at all of them each time, so it is not for those of single connections.
 */
export class OneTimer implements Clock {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #timer: Timer | undefined;
  /** when the timer falls due: not later than the first of them */
  #wakesAt = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const waiting: Waiting = {
      at: this.#clock.now() + ms,
      callback,
      cancel: () => {
        this.#waiting.delete(waiting);
        if (this.#waiting.size === 0) this.#sleep();
      },
    };
    this.#waiting.add(waiting);
    if (waiting.at < this.#wakesAt) this.#wakeAt(waiting.at);
    return waiting;
  }

  /** Runs what has fallen due, the earliest first. Whatever a callback throws, the others still have their timer. */
  #wake(): void {
    this.#sleep();
    try {
      const now = this.#clock.now();
      for (let first = this.#first(); first !== undefined && first.at <= now; first = this.#first()) {
        first.cancel();
        first.callback();
      }
    } finally {
      const next = this.#first();
      if (next !== undefined && next.at < this.#wakesAt) this.#wakeAt(next.at);
    }
  }

  #first(): Waiting | undefined {
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) if (first === undefined || waiting.at < first.at) first = waiting;
    return first;
  }

  #wakeAt(at: number): void {
    this.#timer?.cancel();
    this.#wakesAt = at;
    this.#timer = this.#clock.setTimeout(() => this.#wake(), Math.max(0, at - this.#clock.now()));
  }

  #sleep(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#wakesAt = Infinity;
  }
}
