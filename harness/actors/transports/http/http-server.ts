import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import type { HttpResponse } from '../../../scenario/step.ts';
import { HttpBody } from './http-body.ts';
import { formatHead, type HttpHead, HttpInvalid, HttpReader } from './http-reader.ts';
import { UPSTREAM_MARK } from './upstream-mark.ts';

/** Request and its response, on the upstream's side. */
export class HttpExchange extends HttpBody {
  readonly head: HttpHead;
  /** whether the request is complete */
  isRequested = false;
  #began = false;
  #responded = false;
  readonly #onDone: () => void;

  constructor(inner: Duplex, head: HttpHead, onDone: () => void) {
    super(inner);
    this.head = head;
    this.#onDone = onDone;
  }

  /** Whether the request is a HEAD, whose answer has no body whatever its head says. */
  get isHead(): boolean {
    return this.head.first.startsWith('HEAD ');
  }

  /** Whether both messages are complete. */
  get isDone(): boolean {
    return this.isRequested && this.#responded;
  }

  /**
   * Whether the answer ends the connection. A peer that sends `close` over HTTP/1.1 knows where an answer ends and must close by itself:
   * an end of the connection by this side would hide that it does not.
   */
  get endsConnection(): boolean {
    return this.#isHttp10 && this.head.headers.get('connection')?.toLowerCase() !== 'keep-alive';
  }

  /** Sends the head of the response, or an interim one. Its body is written until {@link HttpBody.finish}. */
  respond({ status, headers, body, length, trailers }: HttpResponse): void {
    const isInterim = status < 200 && status !== 101;
    const framing: Record<string, string | number> =
      length === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': length ?? body };
    const hasBody = !isInterim && status !== 101 && status !== 204 && status !== 304;
    this.#send(status, { ...(hasBody ? framing : {}), ...headers });
    if (isInterim) return;
    this.#began = true;
    this.trailersToSend = trailers;
    if (this.isHead || !hasBody) this.startBody('length', 0);
    else if (length === 'chunked') this.startBody('chunked');
    else this.startBody('length', length ?? body);
  }

  /** Sends bytes in place of an answer; a script that writes an answer by hand must also end the connection by hand. */
  answerWith(bytes: Buffer): void {
    this.#began = true;
    this.#responded = true;
    this.inner.write(bytes);
  }

  requestEnded(): void {
    this.isRequested = true;
    this.push(null);
    if (this.isDone) this.#onDone();
  }

  /** Handles the end or failure of the connection; its meaning depends on what is still owed. */
  lost(): void {
    if (!this.isRequested) this.emit('seen', 'truncated');
    else if (!this.#responded) this.emit('aborted');
  }

  protected begin(): void {
    if (this.#began) return;
    this.#began = true;
    const type = { 'content-type': 'application/octet-stream' };
    // HTTP/1.0 has no chunks
    if (this.#isHttp10) this.#send(200, { ...type, connection: 'close' });
    else this.#send(200, { ...type, 'transfer-encoding': 'chunked' });
    this.startBody(this.#isHttp10 ? 'to-end' : 'chunked');
  }

  protected onFinished(): void {
    this.#responded = true;
    if (this.isDone) this.#onDone();
  }

  get #isHttp10(): boolean {
    return this.head.first.endsWith(' HTTP/1.0');
  }

  #send(status: number, headers: Readonly<Record<string, string | number>>): void {
    const first = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`;
    this.inner.write(formatHead(first, { [UPSTREAM_MARK]: 1, ...headers }));
  }
}

/** Serves HTTP/1.1 on an accepted connection: each request is an exchange. */
export function serveHttp(inner: Duplex, onExchange: (exchange: HttpExchange) => void): HttpServerConnection {
  return new HttpServerConnection(inner, onExchange);
}

/** Upstream side of an HTTP/1.1 connection: one exchange after the other, also for pipelined requests. */
export class HttpServerConnection {
  readonly #inner: Duplex;
  readonly #reader: HttpReader;
  readonly #onExchange: (exchange: HttpExchange) => void;
  #current: HttpExchange | undefined;

  constructor(inner: Duplex, onExchange: (exchange: HttpExchange) => void) {
    this.#inner = inner;
    this.#onExchange = onExchange;
    this.#reader = new HttpReader('request', {
      head: (head) => this.#onHead(head),
      body: (chunk) => this.#current?.deliver(chunk),
      complete: () => this.#current?.requestEnded(),
    });
    inner.on('data', (chunk: Buffer) => this.#feed(chunk));
    inner.on('end', () => this.#lose());
    inner.on('close', () => this.#lose());
    inner.resume();
  }

  #onHead(head: HttpHead): void {
    const exchange = new HttpExchange(this.#inner, head, () => this.#onDone(exchange));
    this.#current = exchange;
    this.#onExchange(exchange);
  }

  #onDone(exchange: HttpExchange): void {
    this.#current = undefined;
    if (exchange.endsConnection) return void this.#inner.end();
    // later, since this runs within the last bytes of the request
    setImmediate(() => this.#feedNext());
  }

  #feed(chunk: Buffer): void {
    this.#guard(() => this.#reader.push(chunk));
  }

  #feedNext(): void {
    this.#guard(() => this.#reader.next());
    this.#inner.resume();
  }

  #guard(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof HttpInvalid)) throw error;
      this.#current?.emit('seen', `invalid HTTP: ${error.message}`);
      this.#inner.end();
    }
  }

  #lose(): void {
    const exchange = this.#current;
    this.#current = undefined;
    if (exchange) exchange.lost();
    // an idle connection is closed at once: nobody uses it
    else if (!this.#inner.writableEnded) this.#inner.end();
  }
}
