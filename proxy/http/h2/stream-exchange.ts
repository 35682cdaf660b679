import { constants } from 'node:http2';
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { cancelStream } from '../../../shared/http2/cancel-stream.ts';
import type { TerminationReason } from '../../connection/termination.ts';
import { overLimit } from '../body-limit.ts';
import type { AnswerSink, Call, CallRequest } from '../call.ts';
import { callRequest } from '../call-request.ts';
import { checkAnswer, checkInterim } from '../check-answer.ts';
import { endToEndHeaders } from '../headers.ts';
import { faultOf, MessageError } from '../http-fault.ts';
import { MessageClock } from '../message-clock.ts';
import { allowedTrailers } from '../trailers.ts';
import type { AnswerHead } from '../upstream/answer-head.ts';
import type { Tunnel } from '../websocket/tunnel.ts';
import { streamFields } from './stream-fields.ts';
import { checkHead } from './check-head.ts';
import type { StreamRequest } from './check-head.ts';
import { StreamBody } from './stream-body.ts';
import { StreamClock } from './stream-clock.ts';
import type { StreamEvents, StreamSettings } from './stream-settings.ts';
import { StreamWebSocket } from './stream-web-socket.ts';
import { REASON_OF } from './reason-of.ts';

/**
 * Request of one HTTP/2 stream on its way to an upstream, and its answer on its way back, both streamed. Whatever ends it ends this
 * stream and its request, and nothing else of the connection.
 */
export class StreamExchange {
  readonly #stream: ServerHttp2Stream;
  readonly #settings: StreamSettings;
  readonly #events: StreamEvents;
  readonly #bodyClock: MessageClock;
  readonly #clock: StreamClock;
  #request: StreamRequest | undefined;
  #call: Call | undefined;
  /** body of the request; undefined: it is a WebSocket, or was refused */
  #body: StreamBody | undefined;
  /** bytes of the answer that were written to the stream */
  #written = 0;
  /** head of the answer while it waits to be sent with the first part of the body */
  #head: OutgoingHttpHeaders | undefined;
  #held: Buffer | undefined;
  #mayHaveTrailers = false;
  #answerTrailers: OutgoingHttpHeaders = {};
  #hasAnswer = false;
  #isAnswered = false;
  /** whether the client has reset it, or is gone */
  #isGone = false;
  #webSocket: StreamWebSocket | undefined;
  #reason: TerminationReason | undefined;

  constructor(stream: ServerHttp2Stream, settings: StreamSettings, events: StreamEvents) {
    this.#stream = stream;
    this.#settings = settings;
    this.#events = events;
    this.#bodyClock = new MessageClock(settings.limits);
    this.#clock = new StreamClock(settings.limits);
    stream.on('error', () => {});
    // a reset that comes while the client is held back: 'close' would wait until its bytes are read
    stream.once('aborted', () => {
      this.#isGone = true;
      stream.unpipe();
      stream.resume();
    });
    stream.once('close', () => this.#onClose());
  }

  /**
   * Forwards the request.
   *
   * @param raw fields as they stood on the wire
   */
  start(raw: readonly string[], endsStream: boolean): void {
    const { named, limits } = this.#settings;
    this.#guard(() => {
      const request = checkHead(raw, endsStream, named, limits);
      this.#request = request;
      const excess = overLimit(request.length ?? 0, limits.maxBody);
      if (excess !== undefined) throw excess;
      if (request.awaitsContinue) this.#stream.additionalHeaders({ ':status': 100 });
      this.#call = this.#settings.call(this.#callRequest(request), this.#sink());
      this.#readBody(request);
      this.#call.start();
    });
  }

  /** Checks the clocks of the stream. @param now in ms */
  look(now: number): void {
    if (this.#reason !== undefined) return;
    const stream = this.#stream;
    const body = this.#body;
    const isBodyComing = body !== undefined && !body.isWhole;
    const awaitsBody = isBodyComing && !this.#hasAnswer && this.#call?.isReady === true;
    const fault =
      this.#bodyClock.look(now, awaitsBody ? 'body' : 'none', body?.received ?? 0) ??
      this.#clock.look(now, {
        // a stream that was ended waits for its last bytes, too
        waiting: stream.writableLength > 0 || (stream.writableEnded && !stream.writableFinished),
        taken: (this.#webSocket?.sent ?? this.#written) - stream.writableLength,
        received: this.#webSocket?.received ?? body?.received ?? 0,
        isHalfOpen: this.#webSocket?.isHalfOpen ?? false,
      });
    if (fault === 'half_open_timeout')
      this.#fail(new MessageError('answer_timeout', 'a WebSocket that is half open for too long'), fault);
    else if (fault === 'body_timeout') this.#fail(new MessageError(fault, 'a body that is too slow'));
    else if (fault !== undefined)
      this.#fail(new MessageError('answer_timeout', 'nothing of the stream has moved for too long'));
  }

  /** Ends the stream for its connection's end. */
  abort(reason: TerminationReason): void {
    this.#reason ??= reason;
    this.#call?.cancel();
  }

  /** Ends a WebSocket whose upstream is gone. */
  #onCut(): void {
    this.#reason ??= 'closed_outgoing';
    this.#call?.cancel();
    cancelStream(this.#stream, constants.NGHTTP2_CANCEL);
  }

  #callRequest(request: StreamRequest): CallRequest {
    const { client } = this.#settings;
    const { fields, wantsTrailers, isWebSocket } = request;
    const upgrade = isWebSocket ? 'connect' : undefined;
    return callRequest(request, fields, { client, wantsTrailers, upgrade, isConversation: true });
  }

  #readBody(request: StreamRequest): void {
    const stream = this.#stream;
    if (request.isWebSocket) {
      this.#webSocket = new StreamWebSocket(stream, {
        onContent: (size) => this.#events.onContent(size),
        onCut: () => this.#onCut(),
      });
      return void stream.pause();
    }
    this.#body = new StreamBody(stream, request, this.#settings.limits.maxBody, {
      onContent: (size) => this.#events.onContent(size),
      isUnread: () => this.#isAnswered || this.#isGone,
      hasFailed: () => this.#reason !== undefined,
      onPart: (part) => this.#call?.write(part) !== false,
      onFault: (error) => this.#fail(error),
      onWhole: (trailers) => this.#call?.end(trailers),
    });
  }

  #sink(): AnswerSink {
    return {
      onReady: () => {
        if (this.#request?.isWebSocket === false) this.#stream.resume();
      },
      onInterim: (head) => this.#onInterim(head),
      onHead: (head) => this.#begin(head),
      onBody: (chunk) => {
        if (this.#held !== undefined) this.#flush();
        this.#held = chunk;
      },
      onSwitch: (head, upstream) => this.#switch(head, upstream),
      onEnd: (trailers) => this.#end(trailers),
      onPause: () => this.#flush(),
      onFailed: (error) => {
        const isCut = this.#hasAnswer && error.fault !== 'handler_failed';
        this.#fail(isCut ? new MessageError('bad_answer', `the answer was cut: ${error.message}`) : error);
      },
    };
  }

  #onInterim(head: AnswerHead): void {
    checkInterim(head);
    // the client has its 100 already
    if (head.statusCode === 100 || this.#isClosed) return;
    const fields = streamFields(endToEndHeaders(head.rawHeaders));
    this.#stream.additionalHeaders({ ...fields, ':status': head.statusCode });
  }

  /** @throws MessageError `bad_answer` for a head that must not be forwarded */
  #begin(answer: AnswerHead): void {
    const { status, headers } = checkAnswer(answer);
    if (this.#request?.isWebSocket === true && status <= 299)
      throw new MessageError('bad_answer', 'an answer that is no WebSocket');
    const isBodiless = this.#request?.method === 'HEAD' || status === 204 || status === 304;
    this.#mayHaveTrailers = !isBodiless && answer.mayHaveTrailers;
    this.#head = streamFields(headers);
    this.#head[':status'] = status;
    this.#hasAnswer = true;
    this.#stream.on('drain', () => this.#call?.release());
  }

  /** Becomes a WebSocket. @throws MessageError `bad_answer` for a head that must not be forwarded */
  #switch(head: AnswerHead, upstream: Tunnel): void {
    if (this.#webSocket === undefined)
      throw new MessageError('bad_answer', 'an upgrade that was not requested');
    this.#hasAnswer = true;
    this.#webSocket.begin(head, upstream);
  }

  #respond(isLast: boolean): void {
    const head = this.#head;
    this.#head = undefined;
    if (head === undefined || this.#isClosed) return;
    const waitForTrailers = this.#mayHaveTrailers && !isLast;
    if (waitForTrailers) this.#stream.once('wantTrailers', () => this.#sendTrailers());
    this.#stream.respond(head, { endStream: isLast, waitForTrailers });
  }

  /** Writes what is held back; the head too if it stands alone, since its body may take its time. */
  #flush(): void {
    this.#respond(false);
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined || this.#isClosed || this.#stream.writableEnded) return;
    this.#written += held.length;
    if (!this.#stream.write(held)) this.#call?.hold();
  }

  #end(trailers: readonly string[]): void {
    this.#isAnswered = true;
    const allowed = this.#mayHaveTrailers ? allowedTrailers(trailers) : [];
    this.#answerTrailers = streamFields(allowed);
    const held = this.#held;
    this.#held = undefined;
    // without trailers, the last frame of the answer is known to be the last
    if (allowed.length === 0 && this.#head !== undefined) this.#mayHaveTrailers = false;
    this.#respond(held === undefined && allowed.length === 0);
    if (this.#isClosed) return;
    this.#written += held?.length ?? 0;
    if (!this.#stream.writableEnded) this.#stream.end(held);
    if (!this.#mayHaveTrailers) this.#leaveRest();
  }

  #sendTrailers(): void {
    if (this.#isClosed) return;
    this.#guard(() => this.#stream.sendTrailers(this.#answerTrailers));
    this.#leaveRest();
  }

  /** Tells a client whose request was answered early that the rest is not needed (RFC 9113, 8.1). */
  #leaveRest(): void {
    if (this.#body?.isWhole === true || this.#isClosed) return;
    this.#stream.resume();
    // some clients drop an answer that comes together with a reset
    setImmediate(() => {
      if (!this.#isClosed) this.#stream.close(constants.NGHTTP2_NO_ERROR);
    });
  }

  /** Ends the stream with an error; an answer that has begun is cut, so that it never looks complete. */
  #fail(error: MessageError, reason = REASON_OF[error.fault]): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#settings.onFault(error);
    this.#call?.cancel(error.fault === 'answer_timeout' ? 'client' : undefined);
    const stream = this.#stream;
    if (this.#isClosed) return;
    if (stream.headersSent) return cancelStream(stream, constants.NGHTTP2_INTERNAL_ERROR);
    try {
      stream.respond({ ':status': error.status, 'content-length': 0 }, { endStream: true });
      this.#leaveRest();
    } catch {
      cancelStream(stream, constants.NGHTTP2_INTERNAL_ERROR);
    }
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(faultOf(error));
    }
  }

  get #isClosed(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  #onClose(): void {
    // a stream may be over before its last bytes are known to be written
    const webSocket = this.#webSocket;
    if (webSocket !== undefined && this.#reason === undefined && webSocket.isSound) {
      this.#reason = 'normal';
      // its last bytes may be on their way
      this.#call?.finish();
      return this.#events.onEnd('normal');
    }
    const isSent = this.#stream.writableFinished || (this.#stream.rstCode ?? 0) === 0;
    const isComplete = this.#isAnswered && isSent;
    const reason =
      this.#reason ?? (isComplete ? 'normal' : this.#events.isLost() ? 'socket_end' : 'econnreset');
    // its client has left
    this.abort(reason);
    this.#events.onEnd(reason);
  }
}
