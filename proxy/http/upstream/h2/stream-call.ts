import { constants } from 'node:http2';
import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import { cancelStream } from '../../../../shared/http2/cancel-stream.ts';
import { watchEndOfStream } from '../../../../shared/http2/end-of-stream.ts';
import type { Clock } from '../../../clock/clock.ts';
import type { AnswerSink, Call, CallRequest } from '../../call.ts';
import { MAX_INTERIM } from '../../check-answer.ts';
import { streamFields } from '../../h2/stream-fields.ts';
import type { RawHeaders } from '../../headers.ts';
import type { HttpFigures } from '../../http-figures.ts';
import { faultOf, MessageError } from '../../http-fault.ts';
import { allowedTrailers } from '../../trailers.ts';
import type { AnswerHead } from '../answer-head.ts';
import type { UpstreamEnd } from '../upstream-ends.ts';
import { streamTunnel } from '../../websocket/tunnel.ts';
import { grantOf, headOf } from './answer-fields.ts';
import { connectFields, requestFields } from './request-fields.ts';
import type { UpstreamSession } from './upstream-session.ts';
import type { UpstreamSessions } from './upstream-sessions.ts';

/** Dependencies of a call. */
export type StreamCallServices = {
  sessions: Pick<UpstreamSessions, 'takeOpen' | 'take'>;
  figures: Pick<HttpFigures, 'onCall'>;
  clock: Clock;
  scheme: 'http' | 'https';
  /** whether WebSockets may be asked for */
  extendedConnect: boolean;
  /** ms in which the last bytes of a WebSocket must be taken */
  grace: number;
};

/** Streams that a request may have in all: an upstream that refuses each of them gets no more. */
const MAX_STREAMS = 3;
/** Time (ms) after which a call that is given up throws doubt on its session. */
const SILENT = 1000;
const { NGHTTP2_CANCEL } = constants;

/**
 * Call on a stream of an HTTP/2 session, which it shares with other calls. A WebSocket is an extended CONNECT where the upstream takes
 * them (RFC 8441); else the upgrade of an HTTP/1.1 client is asked for as if it were none, which a server may always do (RFC 9110, 7.8).
 */
export class StreamCall implements Call {
  readonly #request: CallRequest;
  readonly #services: StreamCallServices;
  readonly #sink: AnswerSink;
  /** ends the wait for a session */
  #left: AbortController | undefined;
  #session: UpstreamSession | undefined;
  #stream: ClientHttp2Stream | undefined;
  /** counts the end of the stream */
  #onEnd: ((reason: UpstreamEnd) => void) | undefined;
  #streams = 0;
  #startedAt = 0;
  #writtenBefore = 0;
  #trailers: OutgoingHttpHeaders = {};
  #answerTrailers: RawHeaders = [];
  #isSent = false;
  /** whether a part of the body has been sent, which nobody keeps for another time */
  #hasSentBody = false;
  #hasAnswer = false;
  #interims = 0;
  /** whether it asks for a WebSocket by an extended CONNECT, and whether it has one */
  #isConnect = false;
  #isSwitched = false;
  #isFlushing = false;
  #over = false;

  constructor(request: CallRequest, services: StreamCallServices, sink: AnswerSink) {
    this.#request = request;
    this.#services = services;
    this.#sink = sink;
  }

  get isReady(): boolean {
    return this.#stream?.writableNeedDrain === false;
  }

  start(): void {
    const open = this.#services.sessions.takeOpen();
    if (open === undefined) this.#take();
    else this.#guard(() => this.#forward(open));
  }

  write(chunk: Buffer): boolean {
    const stream = this.#writable;
    // nobody reads the rest
    if (stream === undefined) return true;
    this.#hasSentBody = true;
    return stream.write(chunk);
  }

  end(trailers: readonly string[]): void {
    this.#trailers = streamFields(allowedTrailers(trailers, this.#request.announced));
    this.#isSent = true;
    this.#writable?.end();
  }

  hold(): void {
    this.#stream?.pause();
  }

  release(): void {
    this.#stream?.resume();
  }

  cancel(reason: UpstreamEnd = 'client'): void {
    if (this.#over) return;
    this.#over = true;
    this.#left?.abort();
    const session = this.#session;
    if (session === undefined) return;
    const passed = this.#services.clock.now() - this.#startedAt;
    this.#drop(this.#isSwitched ? 'upgraded' : reason);
    // its upstream may be gone without a word: the next call shall not wait for it, too
    if (passed >= SILENT && !this.#isSwitched) session.doubt();
  }

  finish(): void {
    const stream = this.#stream;
    if (this.#over || stream === undefined) return;
    const grace = this.#services.clock.setTimeout(() => this.cancel(), this.#services.grace);
    stream.once('close', () => grace.cancel());
  }

  get #writable(): ClientHttp2Stream | undefined {
    const stream = this.#stream;
    return stream === undefined || stream.closed || stream.writableEnded ? undefined : stream;
  }

  #take(): void {
    const left = new AbortController();
    this.#left = left;
    this.#services.sessions.take(left.signal).then(
      // a client may leave at the very moment of the connect
      (session) => (this.#over ? session.release(false) : this.#guard(() => this.#forward(session))),
      (error: unknown) => this.#fail(new MessageError('no_upstream', String(error))),
    );
  }

  #forward(session: UpstreamSession): void {
    const { hasBody, announced, upgrades, handshakeKey, isPlainToo } = this.#request;
    this.#session = session;
    const takesWebSockets = this.#services.extendedConnect && session.takesConnect;
    this.#isConnect = upgrades && takesWebSockets && (handshakeKey !== undefined || !isPlainToo);
    if (!this.#isConnect && !isPlainToo)
      throw new MessageError('no_upstream', 'the upstream takes no WebSockets over HTTP/2');
    this.#startedAt = this.#services.clock.now();
    this.#writtenBefore = session.bytesWritten;
    this.#onEnd = this.#services.figures.onCall();
    this.#streams += 1;
    const waitForTrailers = announced.length > 0;
    let stream: ClientHttp2Stream;
    try {
      const toFields = this.#isConnect ? connectFields : requestFields;
      const fields = toFields(this.#request, this.#services.scheme);
      stream = session.request(fields, { endStream: !hasBody && !this.#isConnect, waitForTrailers });
    } catch (error) {
      return this.#onBroken(session, session.isRetired, faultOf(error));
    }
    this.#stream = stream;
    this.#listen(session, stream);
    if (waitForTrailers) {
      stream.once('wantTrailers', () => this.#guard(() => stream.sendTrailers(this.#trailers)));
    }
    // an empty body may have ended before, or on a stream that was refused
    if (hasBody && this.#isSent) stream.end();
    this.#sink.onReady();
  }

  #listen(session: UpstreamSession, stream: ClientHttp2Stream): void {
    const hasEnded = watchEndOfStream(stream);
    const step = (run: () => void): void => {
      if (this.#stream === stream && !this.#over) this.#guard(run);
    };
    stream.on('error', () => {});
    stream.on('headers', (_, __, raw?: string[]) => step(() => this.#onInterim(raw ?? [])));
    stream.on('response', (_, flags, raw?: string[]) => {
      if (this.#isConnect && !this.#over) {
        const head = headOf(raw ?? [], false);
        if (head.statusCode <= 299) return step(() => this.#onGranted(head, stream, hasEnded));
        // refused: nothing more is sent
        stream.end();
      }
      step(() => this.#onHead(raw ?? [], flags));
      // not before: Node may have bytes of the body ahead of their head
      stream.on('data', (chunk: Buffer) => step(() => this.#onBody(chunk)));
    });
    stream.on('trailers', (_, __, raw?: string[]) => {
      this.#answerTrailers = raw ?? [];
    });
    stream.on('drain', () => {
      if (!this.#isSwitched) step(() => this.#sink.onReady());
    });
    stream.once('end', () => {
      if (hasEnded() && !this.#isSwitched) step(() => this.#onWhole(stream));
    });
    stream.once('close', () => {
      if (this.#stream !== stream || this.#over) return;
      if (this.#isSwitched) return this.#onSwitchedEnd();
      const isUnprocessed = session.isUnprocessed(stream, this.#writtenBefore);
      const why = session.error?.message ?? `the upstream has reset the stream (${stream.rstCode})`;
      this.#onBroken(session, isUnprocessed, new MessageError('bad_answer', why));
    });
  }

  #onInterim(raw: RawHeaders): void {
    this.#interims += 1;
    if (this.#interims > MAX_INTERIM) throw new MessageError('bad_answer', 'too many interim answers');
    this.#sink.onInterim(headOf(raw, false));
  }

  #onHead(raw: RawHeaders, flags: number): void {
    this.#hasAnswer = true;
    const isLast = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    this.#sink.onHead(headOf(raw, !isLast));
    this.#flushSoon();
  }

  #onGranted(head: AnswerHead, stream: ClientHttp2Stream, hasEnded: () => boolean): void {
    this.#hasAnswer = true;
    this.#isSwitched = true;
    this.#sink.onSwitch(grantOf(head, this.#request.handshakeKey), streamTunnel(stream, hasEnded));
  }

  #onSwitchedEnd(): void {
    this.#over = true;
    this.#settle('upgraded');
  }

  #onBody(chunk: Buffer): void {
    this.#sink.onBody(chunk);
    this.#flushSoon();
  }

  #onWhole(stream: ClientHttp2Stream): void {
    // an answer without a head is none: nghttp2 has refused it
    this.#sink.onEnd(this.#answerTrailers);
    if (this.#over) return;
    this.#over = true;
    // the rest of a request that was answered early is not needed; NO_ERROR would wait for it
    if (!stream.writableFinished) cancelStream(stream, NGHTTP2_CANCEL);
    this.#settle('answered');
  }

  /** Lets the client have what has come in this turn of the loop. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      if (!this.#over) this.#guard(() => this.#sink.onPause());
    });
  }

  /** Handles a stream that fails before its answer is complete. */
  #onBroken(session: UpstreamSession, isUnprocessed: boolean, fault: MessageError): void {
    const isStale = session.hasServed && session.isRetired && this.#request.isRepeatable;
    const mayRepeat = (isUnprocessed || isStale) && !this.#hasAnswer && !this.#hasSentBody;
    if (!mayRepeat || this.#streams >= MAX_STREAMS) return this.#fail(fault);
    this.#settle('stale');
    this.#take();
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(faultOf(error));
    }
  }

  #fail(error: MessageError): void {
    if (this.#over) return;
    this.#over = true;
    this.#left?.abort();
    this.#drop(this.#isSwitched ? 'upgraded' : 'failed');
    this.#sink.onFailed(error);
  }

  /** Resets the stream, and leaves the session. */
  #drop(reason: UpstreamEnd): void {
    if (this.#stream !== undefined) cancelStream(this.#stream, NGHTTP2_CANCEL);
    this.#settle(reason);
  }

  /** Counts the end of the stream, and leaves the session, once. */
  #settle(reason: UpstreamEnd): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    this.#stream = undefined;
    this.#onEnd?.(reason);
    session.release(reason === 'answered' || reason === 'upgraded');
  }
}
