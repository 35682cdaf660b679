import type { ServerResponse } from 'node:http';
import { checkAnswer } from '../check-answer.ts';
import { valuesOf } from '../headers.ts';
import { MessageError } from '../http-fault.ts';
import { allowedTrailers, announcedTrailers } from '../trailers.ts';
import type { AnswerHead } from '../upstream/answer-head.ts';

/** Side effects of the client's pace. */
export type Pace = {
  /** called when the client takes no more for now */
  hold(): void;
  /** called when it takes more again */
  release(): void;
};

/**
 * Writes an answer to the client as its parts come. A part is held back until it is known whether it is the last one, so that a
 * small answer goes out in one write. What completes the Content-Length waits for the end: an upstream of HTTP/2 may send more, and the
 * client has read a whole answer by then (RFC 9113, 8.1.1: a malformed one must not be forwarded).
 */
export class AnswerWriter {
  readonly #response: ServerResponse;
  readonly #pace: Pace;
  #passesTrailers: boolean;
  #held: Buffer | undefined;
  #isFlushed = false;
  /** Bytes of the body that are still to come; undefined if the head does not tell. */
  #owed: number | undefined;
  #isHeld = false;

  /** @param wantsTrailers whether the client has asked for trailers */
  constructor(response: ServerResponse, wantsTrailers: boolean, pace: Pace) {
    this.#response = response;
    this.#passesTrailers = wantsTrailers;
    this.#pace = pace;
  }

  /** @throws MessageError `bad_answer` for a head that must not be forwarded */
  begin(head: AnswerHead): void {
    const { status, reason, headers } = checkAnswer(head);
    // an answer without chunks has no place for trailers
    this.#passesTrailers &&=
      head.mayHaveTrailers &&
      status !== 204 &&
      status !== 304 &&
      valuesOf(headers, 'content-length').length === 0;
    const [length] = valuesOf(headers, 'content-length');
    this.#owed = length === undefined ? undefined : Number(length);
    const announced = this.#passesTrailers ? announcedTrailers(head.rawHeaders) : [];
    const trailer = announced.length > 0 ? ['Trailer', announced.join(', ')] : [];
    this.#response.writeHead(status, reason, [...headers, ...trailer]);
    // whoever writes to a client that has just left is told here
    this.#response.on('error', ignore);
  }

  /** @throws MessageError `bad_answer` for more bytes than the head has announced */
  body(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#owed !== undefined && chunk.length > this.#owed)
      throw new MessageError('bad_answer', 'more bytes than its Content-Length');
    if (this.#held !== undefined) this.flush();
    this.#held = chunk;
    if (this.#owed !== undefined) this.#owed -= chunk.length;
  }

  end(trailers: readonly string[]): void {
    if (this.#passesTrailers) this.#response.addTrailers(pairs(allowedTrailers(trailers)));
    this.#response.end(this.#held);
    this.#held = undefined;
  }

  #hold(): void {
    this.#pace.hold();
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#response.on('drain', () => this.#pace.release());
  }

  /** Writes what is held back, unless it may be the last; the head too if it stands alone, since its body may take its time. */
  flush(): void {
    if (this.#owed === 0) return;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) {
      this.#isFlushed = true;
      if (!this.#response.write(held)) this.#hold();
    } else if (this.#response.headersSent && !this.#isFlushed) {
      this.#isFlushed = true;
      this.#response.flushHeaders();
    }
  }
}

function ignore(): void {}

function pairs(raw: string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at]!, raw[2 * at + 1]!]);
}
