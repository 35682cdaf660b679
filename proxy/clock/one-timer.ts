import type { Clock, Timer } from './clock.ts';

type Waiting = Timer & { readonly at: number; readonly callback: () => void };

/**
 * Runs a few timers on one timer of another clock: the proxy's checks that cover all connections (lifetime, first byte, sweep)
 * share it. Each wake-up scans all of them, so it does not suit timers of single connections.
 */
export class OneTimer implements Clock {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #timer: Timer | undefined;
  /** time at which the timer fires: no later than the earliest of them */
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

  /** Runs what is due, the earliest first. If a callback throws, the others are still scheduled. */
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
