import type { WrongBytes } from '../journal/entry.ts';
import { beginningWith, firstMismatch, patternAt } from './pattern.ts';

/** Number of bytes that a finding shows. */
const SHOWN = 16;

/** Compares the received bytes of a connection with the pattern that its peer sends. */
export class PatternCheck {
  /** offsets in the received bytes at which the pattern begins anew */
  readonly #restarts: number[] = [];
  #start = 0;
  #beginning = 0;
  #received = 0;
  /** first bytes that did not match */
  wrong: WrongBytes | undefined;
  /** whether the comparison is off, since the peer sends bytes of its own */
  isOff = false;

  /** Restarts the pattern at this offset: with the next HTTP message. */
  restartAt(offset: number): void {
    this.#restarts.push(offset);
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#restarts[0] === this.#received + at) this.#start = this.#restarts.shift() ?? 0;
      const until = Math.min(chunk.length, (this.#restarts[0] ?? Infinity) - this.#received);
      const offset = this.#received + at - this.#start;
      if (offset === 0) this.#beginning = beginningWith(chunk[at] ?? 0);
      if (!this.isOff && this.wrong === undefined) this.#compare(chunk.subarray(at, until), offset);
      at = until;
    }
    this.#received += chunk.length;
  }

  #compare(chunk: Buffer, offset: number): void {
    const mismatch = firstMismatch(chunk, this.#beginning, offset);
    if (mismatch < 0) return;
    const got = chunk.subarray(mismatch - offset).subarray(0, SHOWN);
    this.wrong = {
      at: this.#start + mismatch,
      expected: patternAt(this.#beginning, mismatch, got.length).toString('hex'),
      got: got.toString('hex'),
    };
  }
}
