import type { Limits } from '../../limits/limits.ts';

/** State of a stream at one instant, in bytes. */
export type StreamProgress = {
  /** whether something waits to be taken by the client */
  waiting: boolean;
  /** bytes of the answer that the client has taken */
  taken: number;
  /** bytes of the request that have come */
  received: number;
  /** whether one side of a WebSocket has ended its half */
  isHalfOpen?: boolean;
};

/** Limits of a stream in ms; 0 is off. */
export type StreamTimes = Pick<Limits, 'answerTimeout' | 'inactivityTimeout' | 'halfOpenTimeout'>;

/**
 * Clocks of a stream whose connection may be busy: an answer that waits must be taken, since a window may stay shut for ever, and
 * something must move now and then.
 *
 * @example
 * const clock = new StreamClock({ answerTimeout: 1000, inactivityTimeout: 0, halfOpenTimeout: 0 });
 * clock.look(0, { waiting: true, taken: 10, received: 0 }) === undefined; // true
 * clock.look(1000, { waiting: true, taken: 10, received: 0 }); // 'answer_timeout'
 */
export class StreamClock {
  readonly #limits: StreamTimes;
  #waits = false;
  #waitsSince = 0;
  #taken = 0;
  #moved = -1;
  #movedAt = 0;
  #halfOpenSince: number | undefined;

  constructor(limits: StreamTimes) {
    this.#limits = limits;
  }

  /** @param now in ms */
  look(
    now: number,
    { waiting, taken, received, isHalfOpen = false }: StreamProgress,
  ): 'answer_timeout' | 'inactivity' | 'half_open_timeout' | undefined {
    if (!waiting || !this.#waits || taken !== this.#taken) {
      this.#waitsSince = now;
      this.#waits = waiting;
      this.#taken = taken;
    }
    if (taken + received !== this.#moved) {
      this.#moved = taken + received;
      this.#movedAt = now;
      this.#halfOpenSince = undefined;
    }
    if (isHalfOpen) this.#halfOpenSince ??= now;
    const { answerTimeout, inactivityTimeout, halfOpenTimeout } = this.#limits;
    if (answerTimeout > 0 && now - this.#waitsSince >= answerTimeout && waiting) return 'answer_timeout';
    if (halfOpenTimeout > 0 && now - (this.#halfOpenSince ?? now) >= halfOpenTimeout)
      return 'half_open_timeout';
    return inactivityTimeout > 0 && now - this.#movedAt >= inactivityTimeout ? 'inactivity' : undefined;
  }
}
