import type { Limits } from '../settings.ts';

/** What is waited for: a request's head, its body, or nothing of the client's. */
export type Phase = 'header' | 'body' | 'none';

/** In ms and bytes; 0 is off. */
export type MessageLimits = Pick<Limits, 'headerTimeout' | 'bodyTimeout' | 'bodyMinimum'>;

/**
 * The clocks of a client's messages. A head must be whole in its time, however its bytes come; of a body a minimum must come in each
 * such time. Looked at from time to time, so that a byte that passes costs nothing: a limit is kept to within two looks.
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

  /** A message has come whole: what is read from here on belongs to the next one. */
  whole(bytes: number): void {
    this.#whole = bytes;
  }

  /**
   * @param now in ms
   * @param bytes read of the client so far
   */
  look(now: number, phase: Phase, bytes: number): 'header_timeout' | 'body_timeout' | undefined {
    // between two requests nothing comes: that is idle, not slow
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

/** How often to look (ms): an eighth of the shorter limit; undefined where there is none. */
export function lookPeriod({ headerTimeout, bodyTimeout }: MessageLimits): number | undefined {
  const limits = [headerTimeout, bodyTimeout].filter((limit) => limit > 0);
  return limits.length === 0 ? undefined : Math.min(Math.max(Math.min(...limits) / 8, 25), 1000);
}
