import type { Duplex } from 'node:stream';

import type { HttpRequest } from '../../../scenario/step.ts';
import { HttpBody } from './http-body.ts';
import { UPSTREAM_MARK } from './upstream-mark.ts';
import { announcesEnd, formatHead, type HttpHead, HttpInvalid, HttpReader, statusOf } from './http-reader.ts';

export type HttpClientOptions = {
  host: string;
  /** text before the path: the beginning that the target wants, behind scheme and authority where a forward proxy requires them */
  prefix: string;
  /** additional fields of each request, but for those of texts */
  headers?: Readonly<Record<string, string>>;
  /** upstream that CONNECT asks for */
  authority: string;
  /** whether the script makes the requests itself; otherwise there is one, and its body and the response's are the stream */
  explicit: boolean;
  /** whether the only request has a body; a script that sends nothing uses GET, as proxies may hold back a body that never begins */
  sendsBody: boolean;
  /** whether the peer is a server by itself, whose bodies are its own */
  server: boolean;
};

/** Client side of an HTTP/1.1 connection. */
export class HttpClient extends HttpBody {
  readonly #options: HttpClientOptions;
  readonly #reader: HttpReader;
  /** methods whose answers have not arrived yet, in order */
  readonly #waiting: string[] = [];
  #began = false;
  /** whether the current answer is the upstream's, not one that the proxy gives in its place */
  #isOfUpstream = false;
  /** whether a 101 has arrived: the bytes after it are not HTTP */
  #isUpgraded = false;
  /** received statuses, including interim ones */
  readonly statuses: number[] = [];
  /** heads of the received statuses */
  readonly heads: HttpHead[] = [];
  /** trailers of the last complete answer */
  get trailers(): ReadonlyMap<string, string> {
    return this.#reader.trailers;
  }

  /** number of complete answers */
  answered = 0;

  constructor(inner: Duplex, options: HttpClientOptions) {
    super(inner);
    this.#options = options;
    this.#reader = new HttpReader('response', {
      head: (head) => this.#onHead(head),
      body: (chunk) => {
        if (this.#isOfUpstream) this.deliver(chunk);
      },
      complete: () => this.#onComplete(),
    });
    inner.on('data', (chunk: Buffer) => this.#feed(chunk));
    inner.on('end', () => this.#feedEnd());
    inner.on('error', (error: NodeJS.ErrnoException) => {
      // the socket tells of its own errors; an alert of TLS is known to the stream above it alone
      if (error.code?.startsWith('ERR_SSL')) this.emit('seen', error.code);
    });
    inner.resume();
    if (!options.explicit) this.begin();
  }

  /** Whether the last answer is whole, and says that its connection ends with it (RFC 9112, 9.3). */
  get saidClose(): boolean {
    const last = this.midway ? undefined : this.heads.at(-1);
    return last !== undefined && announcesEnd(last);
  }

  /** Whether all requests have been answered whole. */
  get isAnswered(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether an answer has begun and is not complete. */
  get midway(): boolean {
    return this.#reader.midway;
  }

  /** Sends the head of a request. Its body, if any, is written until {@link HttpBody.finish}. */
  request({ method, path, headers, length, body, trailers }: HttpRequest): void {
    const hasBody = body > 0 || length !== undefined;
    const framing: Record<string, string | number> =
      length === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': length ?? body };
    this.#send(method, path, { ...(hasBody ? framing : {}), ...headers });
    this.trailersToSend = trailers;
    if (length === 'chunked') this.startBody('chunked');
    else this.startBody('length', length ?? body);
  }

  /** A text of a script with what this client writes in its own requests: `{{origin}}` before the path, `{{host}}` after `Host:`. */
  fill(text: string): string {
    const { host, prefix } = this.#options;
    return text.replaceAll('{{origin}}', prefix).replaceAll('{{host}}', host);
  }

  protected begin(): void {
    if (this.#began || this.#options.explicit) return;
    if (!this.#options.sendsBody) {
      this.#send('GET', '/', {});
      return this.startBody('length', 0);
    }
    this.#send('POST', '/', { 'transfer-encoding': 'chunked', 'content-type': 'application/octet-stream' });
    this.startBody('chunked');
  }

  protected onFinished(): void {
    this.#endIfDone();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#options.explicit) this.inner.end(done);
    else super._final(done);
  }

  #send(method: string, path: string, headers: Readonly<Record<string, string | number>>): void {
    this.#began = true;
    this.#waiting.push(method);
    this.#reader.method = this.#waiting[0];
    const { host, prefix, authority, headers: more } = this.#options;
    const isTunnel = method === 'CONNECT';
    const to = path === '/' ? authority : path;
    const first = isTunnel ? `CONNECT ${to} HTTP/1.1` : `${method} ${prefix}${path} HTTP/1.1`;
    this.inner.write(formatHead(first, { host: isTunnel ? to : host, ...more, ...headers }));
  }

  #onHead(head: HttpHead): void {
    const status = statusOf(head);
    this.statuses.push(status);
    this.heads.push(head);
    const isInterim = status >= 100 && status < 200 && status !== 101;
    // a gateway may drop the mark, but gives no good answer of its own
    const isGood = status >= 200 && status <= 299;
    this.#isOfUpstream = this.#options.server || isGood || head.headers.has(UPSTREAM_MARK);
    if (status === 101 || (isGood && this.#waiting[0] === 'CONNECT')) this.#isUpgraded = true;
    if (!isInterim) this.emit('message');
    if (!this.#options.explicit && !isInterim && (status < 200 || status > 299))
      this.emit('seen', String(status));
    this.emit('progress');
  }

  #onComplete(): void {
    this.answered++;
    this.#waiting.shift();
    this.#reader.method = this.#waiting[0];
    if (this.#options.explicit) {
      this.emit('progress');
      return this.#isUpgraded ? this.deliver(this.#reader.takeRest()) : this.#reader.next();
    }
    this.push(null);
    this.#endIfDone();
  }

  /** Ends the connection when its only exchange is complete on both sides. */
  #endIfDone(): void {
    if (!this.#options.explicit && this.answered > 0 && !this.isSending) this.inner.end();
  }

  #feed(chunk: Buffer): void {
    if (this.#isUpgraded) return this.deliver(chunk);
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof HttpInvalid)) throw error;
      this.emit('seen', `invalid HTTP: ${error.message}`);
    }
  }

  #feedEnd(): void {
    // the end of an answer without a length: the exchange is over, and for a script so is the connection
    if (this.#reader.end() && !this.#options.explicit) return;
    if (this.#reader.midway) this.emit('seen', 'truncated');
    else if (this.answered === 0 || this.#options.explicit) this.push(null);
    this.resume();
  }
}
