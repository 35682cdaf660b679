import type { Limits } from '../limits/limits.ts';

/** Part of a message that is awaited from the client: a request's head, its body, or nothing. */
export type Phase = 'header' | 'body' | 'none';

/** Limits in ms and bytes; 0 is off. */
export type MessageLimits = Pick<Limits, 'headerTimeout' | 'bodyTimeout' | 'bodyMinimum'>;

/**
 * Timers of a client's messages. The head must be complete within its time, however its bytes come; of the body a minimum must
 * come in each period. Checked at intervals, so that passing bytes cost nothing: limits are kept to within two checks.
 *
 * @example
 * const clock = new MessageClock({ headerTimeout: 10_000, bodyTimeout: 30_000, bodyMinimum: 1024 });
 * clock.look(0, 'header', 10); // undefined: a head has begun
 * clock.look(10_001, 'header', 20); // 'header_timeout', although a byte came now and then
 */
export class MessageClock {
  readonly #limits: MessageLimits;
  #phase: Phase = 'none';
  #since = 0;
  #bytes = 0;
  #whole = 0;

  constructor(limits: MessageLimits) {
    this.#limits = limits;
  }

  /** Marks the end of a message: bytes read from here on belong to the next one. */
  whole(bytes: number): void {
    this.#whole = bytes;
  }

  /**
   * @param now in ms
   * @param bytes read from the client so far
   */
  look(now: number, phase: Phase, bytes: number): 'header_timeout' | 'body_timeout' | undefined {
    // silence between two requests is idle, not slow
    const begins = phase === 'header' && this.#bytes <= this.#whole;
    if (phase !== this.#phase || begins) return this.#begin(now, phase, bytes);
    const { headerTimeout, bodyTimeout, bodyMinimum } = this.#limits;
    const passed = now - this.#since;
    if (phase === 'header') return isOver(passed, headerTimeout) ? 'header_timeout' : undefined;
    if (phase === 'none' || !isOver(passed, bodyTimeout)) return undefined;
    if (bytes - this.#bytes < bodyMinimum) return 'body_timeout';
    return this.#begin(now, phase, bytes);
  }

  #begin(now: number, phase: Phase, bytes: number): undefined {
    this.#phase = phase;
    this.#since = now;
    this.#bytes = bytes;
  }
}

function isOver(passed: number, limit: number): boolean {
  return limit > 0 && passed >= limit;
}

/** Interval between checks (ms): an eighth of the shortest limit; undefined if none is set. */
export function lookPeriod(...durations: number[]): number | undefined {
  const limits = durations.filter((limit) => limit > 0);
  return limits.length === 0 ? undefined : Math.min(Math.max(Math.min(...limits) / 8, 25), 1000);
}
