import { valuesOf } from '../headers.ts';
import { MessageError } from '../http-fault.ts';
import { mayBeAnswer, parseAnswerHead, parseFields } from './answer-head.ts';
import type { AnswerHead } from './answer-head.ts';

/** Receiver of an answer's parts; an exception of it ends the reading. */
export type AnswerEvents = {
  onInterim(head: AnswerHead): void;
  /** called with a final head; throws if the answer must not be forwarded */
  onHead(head: AnswerHead): void;
  onBody(chunk: Buffer): void;
  onEnd(trailers: string[]): void;
  /** called with the head of a 101, and the bytes behind it */
  onSwitch(head: AnswerHead, early: Buffer): void;
};

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'to-close' | 'done';

/** Most bytes of a head; also of everything in a chunked body that is neither content nor a size. */
const MAX_BYTES = 16_384;
const CHUNK_SIZE = /^([\da-f]{1,12})(;[\t\x20-\x7e\x80-\xff]*)?$/i;

/**
 * Reads one answer from the bytes of an upstream connection, and knows to the byte where it ends: only then can the connection be
 * used for another request.
 */
export class AnswerReader {
  readonly #method: string;
  readonly #events: AnswerEvents;
  #state: State = 'head';
  /** beginning of a head, a chunk size or trailers whose end has not come */
  #text = '';
  /** bytes of the body, or of the chunk, that have not come */
  #remaining = 0;
  #beside = 0;
  #keeps = false;
  #surplus = false;

  constructor(method: string, events: AnswerEvents) {
    this.#method = method;
    this.#events = events;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Whether bytes came behind the answer. */
  get hasSurplus(): boolean {
    return this.#surplus;
  }

  /** Whether the connection may serve another request. */
  get isReusable(): boolean {
    return this.isDone && this.#keeps && !this.#surplus;
  }

  /** @throws MessageError `bad_answer` for bytes that are no answer, and whatever the events throw */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'done') {
        this.#surplus = true;
        return;
      }
      at = this.#step(bytes, at);
    }
  }

  /**
   * Handles the end of the connection.
   *
   * @throws MessageError `bad_answer` if the answer is not complete by then
   */
  end(): void {
    if (this.#state === 'done') return;
    if (this.#state !== 'to-close') {
      const begun = this.#state !== 'head' || this.#text !== '';
      throw bad(begun ? 'the answer was cut' : 'closed without an answer');
    }
    this.#finish([]);
  }

  /** Reads one part, and returns where the next one begins. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at);
      case 'length':
      case 'chunk':
      case 'to-close':
        return this.#readContent(bytes, at);
      case 'chunk-size':
        return this.#readLine(bytes, at, (line) => this.#onChunkSize(line));
      case 'chunk-end':
        return this.#readLine(bytes, at, (line) => {
          if (line !== '') throw bad('a chunk does not end where it says');
          this.#state = 'chunk-size';
        });
      default:
        return this.#readTrailers(bytes, at);
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    let switched: AnswerHead | undefined;
    const next = this.#readUntil(bytes, at, '\r\n\r\n', (text) => {
      const head = parseAnswerHead(text);
      if (head.statusCode === 101) switched = head;
      else if (head.statusCode >= 100 && head.statusCode < 200) this.#events.onInterim(head);
      else {
        this.#events.onHead(head);
        this.#begin(head);
      }
    });
    if (switched === undefined) return next;
    // from here on the bytes are another protocol's
    this.#state = 'done';
    this.#surplus = true;
    this.#events.onSwitch(switched, bytes.subarray(next));
    return bytes.length;
  }

  /** Decides how the end of the body is found (RFC 9112, 6.3), after the head has been checked. */
  #begin({ statusCode, httpVersion, rawHeaders: raw }: AnswerHead): void {
    const isChunked = valuesOf(raw, 'transfer-encoding').length > 0;
    const length = Number(valuesOf(raw, 'content-length')[0] ?? Number.NaN);
    const isBodiless = this.#method === 'HEAD' || statusCode === 204 || statusCode === 304;
    const says = valuesOf(raw, 'connection').join(',').toLowerCase();
    const closes = httpVersion !== '1.1' || says.split(',').some((word) => word.trim() === 'close');
    // an upstream that announces a body where none may be could send it later
    this.#keeps = !closes && !(isBodiless && (isChunked || length > 0));
    if (isBodiless || length === 0) return this.#finish([]);
    if (isChunked) this.#state = 'chunk-size';
    else if (Number.isNaN(length)) {
      this.#keeps = false;
      this.#state = 'to-close';
    } else {
      this.#remaining = length;
      this.#state = 'length';
    }
  }

  #readContent(bytes: Buffer, at: number): number {
    const isBounded = this.#state !== 'to-close';
    const end = isBounded ? Math.min(bytes.length, at + this.#remaining) : bytes.length;
    if (isBounded) this.#remaining -= end - at;
    this.#events.onBody(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (isBounded && this.#remaining === 0) {
      if (this.#state === 'chunk') this.#state = 'chunk-end';
      else this.#finish([]);
    }
    return end;
  }

  #onChunkSize(line: string): void {
    const [, size, extension = ''] = CHUNK_SIZE.exec(line) ?? [];
    if (size === undefined) throw bad('no chunk size');
    this.#countBeside(extension.length);
    this.#remaining = Number.parseInt(size, 16);
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk';
  }

  #readTrailers(bytes: Buffer, at: number): number {
    // an empty section is one line end; otherwise the section ends with an empty line
    if (this.#text === '\r' || (this.#text === '' && bytes[at] === 0x0d)) {
      return this.#readLine(bytes, at, (line) => {
        if (line !== '') throw bad('a bare CR in trailers');
        this.#finish([]);
      });
    }
    return this.#readUntil(bytes, at, '\r\n\r\n', (text) => {
      this.#countBeside(text.length);
      this.#finish(parseFields(text));
    });
  }

  #readLine(bytes: Buffer, at: number, onLine: (line: string) => void): number {
    return this.#readUntil(bytes, at, '\r\n', onLine);
  }

  /** Collects text up to a terminator, which may come in several parts. */
  #readUntil(bytes: Buffer, at: number, terminator: string, onText: (text: string) => void): number {
    const before = this.#text.length;
    const most = Math.min(bytes.length, at + MAX_BYTES + terminator.length - before);
    const isFirst = this.#state === 'head' && before < 8;
    this.#text += bytes.toString('latin1', at, most);
    if (isFirst && !mayBeAnswer(this.#text)) throw bad('no HTTP/1');
    const found = this.#text.indexOf(terminator, Math.max(0, before - terminator.length + 1));
    if (found < 0) {
      if (this.#text.length >= MAX_BYTES) throw bad(`more than ${MAX_BYTES} bytes of ${this.#state}`);
      return most;
    }
    const text = this.#text.slice(0, found);
    this.#text = '';
    const next = at + found + terminator.length - before;
    onText(text);
    return next;
  }

  #countBeside(count: number): void {
    this.#beside += count;
    if (this.#beside > MAX_BYTES) throw bad('a chunked body that is mostly extensions');
  }

  #finish(trailers: string[]): void {
    this.#state = 'done';
    this.#events.onEnd(trailers);
  }
}

function bad(why: string): MessageError {
  return new MessageError('bad_answer', why);
}
