import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { seenFrom } from '../seen-from.ts';
import {
  announcesEnd,
  formatHead,
  HttpInvalid,
  HttpReader,
  statusOf,
} from '../transports/http/http-reader.ts';
import { codeOf, type LoadLine, type LoadRequest } from './load-line.ts';
import { LOAD_MARK } from './load-mark.ts';

type Pending = { since: number; done: (code?: string) => void };

/** HTTP/1.1 connection of a load. It counts a request as failed whenever the connection ends before its whole answer. */
export class HttpLine implements LoadLine {
  readonly #stream: Duplex;
  readonly #socket: Socket;
  readonly #request: LoadRequest;
  readonly #bytes: Buffer;
  readonly #pending: Pending[] = [];
  readonly #reader: HttpReader;
  #status = 0;
  #received = 0;
  isOpen = true;

  constructor(stream: Duplex, socket: Socket, request: LoadRequest) {
    this.#stream = stream;
    this.#socket = socket;
    this.#request = request;
    const { method, path, host, headers, body } = request;
    const length: Record<string, number> = body.length > 0 ? { 'content-length': body.length } : {};
    const text = formatHead(`${method} ${path} HTTP/1.1`, { host, [LOAD_MARK]: 1, ...length, ...headers });
    this.#bytes = Buffer.concat([Buffer.from(text), body]);
    this.#reader = new HttpReader('response', {
      head: (head) => {
        this.#status = statusOf(head);
        this.#received = 0;
        if (announcesEnd(head)) this.isOpen = false;
      },
      body: (chunk) => {
        this.#received += chunk.length;
      },
      complete: () => this.#onComplete(),
    });
    this.#reader.method = method;
    stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    stream.on('end', () => {
      if (!this.#reader.end()) this.fail(this.#reader.midway ? 'truncated' : 'end');
      this.fail('end');
    });
    stream.on('error', (error) => this.fail(seenFrom(error)));
    socket.on('error', (error) => this.fail(seenFrom(error)));
    socket.on('close', () => this.fail('end'));
    stream.resume();
  }

  get inFlight(): number {
    return this.#pending.length;
  }

  get oldest(): number | undefined {
    return this.#pending[0]?.since;
  }

  send(done: (code?: string) => void): void {
    this.#pending.push({ since: performance.now(), done });
    this.#stream.write(this.#bytes);
  }

  fail(code: string): void {
    this.isOpen = false;
    const pending = this.#pending.splice(0);
    this.#socket.destroy();
    for (const { done } of pending) done(code);
  }

  close(): void {
    this.isOpen = false;
    this.#stream.end();
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof HttpInvalid)) throw error;
      this.fail('invalid-http');
    }
  }

  #onComplete(): void {
    const answered = this.#pending.shift();
    // an answer that nobody asked for belongs to no request
    if (answered === undefined) return this.fail('unasked');
    answered.done(codeOf(this.#status, this.#received, this.#request));
    // later: this runs within the bytes of the answer
    setImmediate(() => {
      if (this.isOpen || this.inFlight > 0) this.#nextAnswer();
    });
  }

  #nextAnswer(): void {
    try {
      this.#reader.next();
    } catch (error) {
      if (!(error instanceof HttpInvalid)) throw error;
      this.fail('invalid-http');
    }
  }
}
