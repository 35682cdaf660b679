import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  sensitiveHeaders,
} from 'node:http2';

import type { HttpRequest } from '../../../scenario/step.ts';
import { StepFailure } from '../../round-services.ts';
import type { HttpClientOptions } from '../http/http-client.ts';
import type { HttpHead } from '../http/http-reader.ts';
import { UPSTREAM_MARK } from '../http/upstream-mark.ts';
import { endlessHead } from './endless-head.ts';
import type { H2Line } from './h2-line.ts';
import { H2Pipe, headersOf } from './h2-pipe.ts';

/** Client side of a script over HTTP/2: each of its requests is a stream of the connection. */
export class H2Client extends H2Pipe {
  readonly #options: HttpClientOptions & { isSecure: boolean };
  #began = false;
  /** whether the last request is an extended CONNECT, whose end is that of a conversation */
  #isConnect = false;
  #isOfUpstream = false;
  /** answers and heads that had come when the last gRPC call began */
  #before = { answered: 0, heads: 0 };
  /** streams that are not over */
  #waiting = 0;
  /** answers that have begun and are not complete */
  #open = 0;
  /** received statuses, including interim ones */
  readonly statuses: number[] = [];
  /** heads of the received statuses */
  readonly heads: HttpHead[] = [];
  /** trailers of the last complete answer */
  trailers: ReadonlyMap<string, string> = new Map();
  /** number of complete answers */
  answered = 0;

  constructor(line: H2Line, options: HttpClientOptions & { isSecure: boolean }) {
    super(line);
    this.#options = options;
    if (!options.explicit) this.begin();
  }

  /** Whether an answer has begun and is not complete. */
  get midway(): boolean {
    return this.#open > 0;
  }

  protected get isAnswered(): boolean {
    return false;
  }

  /** Opens a stream with a request. Its body, if any, is written until {@link H2Pipe.finish}. */
  request({ method, path, headers, length, body, trailers, protocol }: HttpRequest): void {
    this.#isConnect = protocol !== undefined;
    if (protocol !== undefined) {
      this.#send(method, path, { ':protocol': protocol, ...headers }, true);
      return this.startBody(undefined);
    }
    const hasBody = body > 0 || (length !== undefined && length !== 0) || trailers !== undefined;
    const size: Record<string, number> = length === 'chunked' ? {} : { 'content-length': length ?? body };
    this.#send(method, path, { ...(hasBody ? size : {}), ...headers }, hasBody, trailers);
    this.startBody(length === 'chunked' ? undefined : (length ?? body));
    if (hasBody && this.owed === 0 && length !== 'chunked') this.finish();
  }

  /** Opens a stream for a gRPC call. */
  beginCall(request: HttpRequest): void {
    this.trailers = new Map();
    this.#before = { answered: this.answered, heads: this.heads.length };
    this.request(request);
  }

  /** Whether the last gRPC call has been answered whole. */
  get isCallAnswered(): boolean {
    return this.answered > this.#before.answered;
  }

  /** Head of the answer to the last gRPC call. */
  get callHead(): HttpHead | undefined {
    return this.heads.slice(this.#before.heads).at(-1);
  }

  /** Writes the beginning of a request's head and frames that continue it, and never its end. */
  continueHead(frames: number): void {
    this.line.whenSettled(() => {
      const { nextStreamID = 1 } = this.line.session.state;
      this.line.stream.write(endlessHead(nextStreamID, this.#options.host, frames));
    });
  }

  protected begin(): void {
    if (this.#began || this.#options.explicit) return;
    const { sendsBody } = this.#options;
    const type = { 'content-type': 'application/octet-stream' };
    this.#send(sendsBody ? 'POST' : 'GET', '/', sendsBody ? type : {}, sendsBody);
    this.startBody(sendsBody ? undefined : 0);
  }

  #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string | number>>,
    hasBody: boolean,
    trailers?: Record<string, string>,
  ): void {
    this.#began = true;
    const { host, isSecure, prefix, headers: more } = this.#options;
    const session = this.line.session as ClientHttp2Session;
    const head = {
      ':method': method,
      ':path': `${prefix}${path}`,
      ':scheme': isSecure ? 'https' : 'http',
      ':authority': host,
      ...more,
      ...headers,
      [sensitiveHeaders]: [],
    };
    // bodies that come at once cannot be told apart
    if (this.#waiting > 0) this.emit('mixed');
    this.#waiting++;
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(head, { endStream: !hasBody, waitForTrailers: trailers !== undefined });
    } catch (error) {
      throw new StepFailure(`could not open a stream: ${(error as Error).message}`);
    }
    if (trailers !== undefined) stream.once('wantTrailers', () => stream.sendTrailers(trailers));
    this.use(stream);
    let hasAnswer = false;
    stream.on('headers', (interim) => this.#onHead(interim));
    stream.once('response', (final) => {
      hasAnswer = true;
      this.#open++;
      this.#onHead(final);
      // not before: Node may have bytes of the body ahead of its head
      this.readBody(stream, this.#isOfUpstream, final['content-type']);
    });
    stream.on('trailers', (given) => {
      this.trailers = headersOf(given);
    });
    stream.once('close', () => {
      this.#waiting--;
      if (hasAnswer) this.#open--;
    });
  }

  #onHead(given: IncomingHttpHeaders & { ':status'?: number }): void {
    const status = Number(given[':status']);
    const headers = headersOf(given);
    this.statuses.push(status);
    this.heads.push({ first: `HTTP/2 ${status}`, headers });
    const isInterim = status < 200;
    const isGood = status >= 200 && status <= 299;
    // a gateway may drop the mark, but gives no good answer of its own
    this.#isOfUpstream = this.#options.server || isGood || headers.has(UPSTREAM_MARK);
    if (!isInterim) this.emit('message');
    if (!this.#options.explicit && !isInterim && !isGood) this.emit('seen', String(status));
    this.emit('progress');
  }

  protected onWhole(): void {
    this.answered++;
    if (this.#options.explicit) return void this.emit('progress');
    this.push(null);
    this.#leave();
  }

  protected onCancelled(what: string): void {
    this.emit('seen', what);
  }

  lineLost(): void {
    if (this.goneFor !== undefined) this.emit('seen', this.goneFor);
    else if (this.midway) this.emit('seen', 'truncated');
    else if (this.answered === 0 || this.#options.explicit) this.push(null);
    this.resume();
  }

  #leave(): void {
    this.hasLeft = !this.line.leave();
    this.emit('progress');
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#isConnect || !this.#options.explicit) this.finish();
    if (this.#options.explicit) this.#leave();
    done();
  }
}
