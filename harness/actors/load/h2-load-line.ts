import * as http2 from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { destroySafely } from '../../../shared/http2/destroy-safely.ts';
import { nameOfCode } from '../../scenario/h2-codes.ts';
import { seenFrom } from '../seen-from.ts';
import { codeOf, type LoadLine, type LoadRequest } from './load-line.ts';
import { LOAD_MARK } from './load-mark.ts';

/** HTTP/2 connection of a load: each request is a stream. */
export class H2LoadLine implements LoadLine {
  readonly #session: http2.ClientHttp2Session;
  readonly #socket: Socket;
  readonly #request: LoadRequest;
  readonly #scheme: string;
  readonly #pending = new Map<http2.ClientHttp2Stream, { since: number; done: (code?: string) => void }>();
  #lost = 'end';
  isOpen = true;

  constructor(stream: Duplex, socket: Socket, request: LoadRequest, isSecure: boolean) {
    this.#socket = socket;
    this.#request = request;
    this.#scheme = isSecure ? 'https' : 'http';
    const session = http2.connect('http://lastfin.test', {
      createConnection: () => stream,
      settings: { enablePush: false },
    });
    destroySafely(session, stream);
    session.on('goaway', () => {
      this.isOpen = false;
    });
    session.on('error', (error) => {
      this.#lost = seenFrom(error);
    });
    socket.on('error', (error) => {
      this.#lost = seenFrom(error);
    });
    session.on('close', () => this.fail(this.#lost));
    this.#session = session;
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  get oldest(): number | undefined {
    const [first] = this.#pending.values();
    return first?.since;
  }

  send(done: (code?: string) => void): void {
    const { method, path, host, headers, body } = this.#request;
    let stream: http2.ClientHttp2Stream;
    try {
      stream = this.#session.request(
        {
          ':method': method,
          ':path': path,
          ':scheme': this.#scheme,
          ':authority': host,
          [LOAD_MARK]: '1',
          ...(body.length > 0 ? { 'content-length': body.length } : {}),
          ...headers,
        },
        { endStream: body.length === 0 },
      );
    } catch (error) {
      return done(seenFrom(error));
    }
    this.#pending.set(stream, { since: performance.now(), done });
    let status = 0;
    let received = 0;
    let isWhole = false;
    stream.on('response', (head) => {
      status = Number(head[':status']);
    });
    stream.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    stream.on('end', () => {
      isWhole = true;
    });
    stream.on('error', () => undefined);
    stream.once('close', () => {
      const code = stream.rstCode ?? 0;
      if (code !== 0) this.#settle(stream, `rst-${nameOfCode(code)}`);
      else this.#settle(stream, isWhole && status > 0 ? codeOf(status, received, this.#request) : this.#lost);
    });
    if (body.length > 0) stream.end(body);
  }

  fail(code: string): void {
    this.isOpen = false;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#session.destroy();
    this.#socket.destroy();
    for (const { done } of pending) done(code);
  }

  close(): void {
    this.fail('end');
  }

  #settle(stream: http2.ClientHttp2Stream, code: string | undefined): void {
    const pending = this.#pending.get(stream);
    this.#pending.delete(stream);
    pending?.done(code);
  }
}
