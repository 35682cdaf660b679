import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';

import type { HttpResponse } from '../../../scenario/step.ts';
import type { HttpHead } from '../http/http-reader.ts';
import { UPSTREAM_MARK } from '../http/upstream-mark.ts';
import { isGrpc } from './grpc-messages.ts';
import type { H2Line } from './h2-line.ts';
import { H2Pipe, headersOf } from './h2-pipe.ts';

/** Stream of a request and its response, on the upstream's side. */
export class H2Exchange extends H2Pipe {
  readonly head: HttpHead;
  /** whether the request is complete */
  isRequested = false;
  readonly #stream: ServerHttp2Stream;
  /** whether it is an extended CONNECT */
  readonly #isConnect: boolean;
  #began = false;
  /** trailers of a gRPC call */
  #status: Record<string, string> = {};

  constructor(line: H2Line, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    super(line);
    this.#stream = stream;
    this.head = {
      first: `${headers[':method']} ${headers[':path']} HTTP/2`,
      headers: headersOf(headers),
    };
    this.#isConnect = headers[':protocol'] !== undefined;
    // its body is a conversation
    this.isRequested = this.#isConnect;
    this.use(stream);
    this.readBody(stream, true, headers['content-type']);
    stream.once('close', () => {
      line.drop(this);
      if (line.isIdle && line.isLost) line.stream.end();
    });
  }

  protected override get answers(): boolean {
    return true;
  }

  protected get isAnswered(): boolean {
    return this.isSent;
  }

  /** Whether the request is a HEAD, whose answer has no body. */
  get isHead(): boolean {
    return this.head.first.startsWith('HEAD ');
  }

  /** Sends the head of the response, or an interim one. Its body is written until {@link H2Pipe.finish}. */
  respond({ status, headers, body, length, trailers }: HttpResponse): void {
    const stream = this.#stream;
    // what happened to the stream is seen by itself
    if (stream.destroyed || stream.closed) return;
    const marked = { [UPSTREAM_MARK]: '1', ...headers };
    if (status < 200) return stream.additionalHeaders({ ':status': status, ...marked });
    this.#began = true;
    if (this.#isConnect && status <= 299) {
      stream.respond({ ':status': status, ...marked });
      return this.startBody(undefined);
    }
    const isBodiless = this.isHead || status === 204 || status === 304;
    const size = length === 'chunked' ? {} : { 'content-length': length ?? body };
    const hasBody = !isBodiless && (body > 0 || (length !== undefined && length !== 0));
    if (trailers !== undefined) stream.once('wantTrailers', () => stream.sendTrailers(trailers));
    stream.respond(
      { ':status': status, ...(status === 204 || status === 304 ? {} : size), ...marked },
      { endStream: !hasBody && trailers === undefined, waitForTrailers: trailers !== undefined },
    );
    this.startBody(length === 'chunked' ? undefined : (length ?? body));
    if (!hasBody) this.finish();
  }

  protected begin(): void {
    if (this.#began || this.#stream.destroyed) return;
    this.#began = true;
    const isCall = isGrpc(this.head.headers.get('content-type'));
    const type = isCall ? 'application/grpc' : 'application/octet-stream';
    if (isCall) this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(this.#status));
    this.#stream.respond(
      { ':status': 200, 'content-type': type, [UPSTREAM_MARK]: '1' },
      { waitForTrailers: isCall },
    );
    this.startBody(undefined);
  }

  /** Ends a gRPC call with a status: in the trailers, or before any message in the head. */
  endCall(code: number, text: string): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    this.#status = { 'grpc-status': String(code), ...(text === '' ? {} : { 'grpc-message': text }) };
    if (this.#began) return this.finish();
    this.#began = true;
    const head = { ':status': 200, 'content-type': 'application/grpc', [UPSTREAM_MARK]: '1' };
    stream.respond({ ...head, ...this.#status }, { endStream: true });
    this.isSent = true;
  }

  protected onWhole(): void {
    this.isRequested = true;
    this.push(null);
    this.emit('progress');
  }

  protected onCancelled(what: string): void {
    this.emit('aborted', what);
  }

  lineLost(): void {
    if (this.isSent) return;
    if (this.goneFor !== undefined) this.emit('aborted', this.goneFor);
    else if (this.isRequested) this.emit('aborted');
    else this.emit('seen', 'truncated');
  }
}
