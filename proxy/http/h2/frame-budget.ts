import type { Limits } from '../../limits/limits.ts';

/** Limits of frames that ask for work and carry nothing; 0 is off. */
export type FrameLimits = Pick<Limits, 'controlBytes' | 'streamResets'>;

/** Bytes allowed for a frame with content: its header, and the WINDOW_UPDATE that may come with it. */
const FRAME = 32;
/** Bytes allowed for a head beside its fields: frame headers, priority, RST_STREAM, WINDOW_UPDATE. */
const HEAD = 128;
/** Bytes of answers that allow for one byte of WINDOW_UPDATE. */
const WRITTEN = 64;
const PERIOD = 1000;

/**
 * Bounds what a client may send over HTTP/2 beside heads and bodies: PING, SETTINGS, PRIORITY, WINDOW_UPDATE, padding and empty frames.
 * Node tells of some of these frames only, so the bytes are counted that nothing else explains.
 *
 * @example
 * const budget = new FrameBudget({ controlBytes: 65_536, streamResets: 200 });
 * budget.content(1000);
 * budget.isExcessive(0, 1009, 0); // false: nearly all of it is content
 * budget.isExcessive(10, 101_009, 0); // true: 100,000 bytes for nothing
 */
export class FrameBudget {
  readonly #limits: FrameLimits;
  #explained = 0;
  #since = 0;
  /** unexplained bytes at the beginning of the period */
  #before = 0;
  #resets = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Counts the head of a request, by the size of its fields. */
  head(size: number): void {
    this.#explained += size + HEAD;
  }

  /** Counts a part of a body. */
  content(size: number): void {
    this.#explained += size + FRAME;
  }

  /** Counts a stream that its client has reset, and tells whether these are too many for a second. */
  isResetTooOften(now: number): boolean {
    this.#turn(now, this.#before);
    this.#resets += 1;
    const { streamResets } = this.#limits;
    return streamResets > 0 && this.#resets > streamResets;
  }

  /**
   * Tells whether too much came for nothing within a second.
   *
   * @param now in ms
   * @param read bytes of the connection read so far
   * @param written bytes written so far
   */
  isExcessive(now: number, read: number, written: number): boolean {
    const unexplained = Math.max(0, read - this.#explained - written / WRITTEN);
    // allowances that were not used are not saved up
    this.#before = Math.min(this.#before, unexplained);
    const { controlBytes } = this.#limits;
    const isExcessive = controlBytes > 0 && unexplained - this.#before > controlBytes;
    this.#turn(now, unexplained);
    return isExcessive;
  }

  #turn(now: number, unexplained: number): void {
    if (now - this.#since < PERIOD) return;
    this.#since = now;
    this.#before = unexplained;
    this.#resets = 0;
  }
}
