import { STATUS_CODES } from 'node:http';
import { AnswerWriter } from './answer-writer.ts';
import type { Pace } from './answer-writer.ts';
import { overLimit } from '../body-limit.ts';
import type { AnswerSink, Call, CallRequest, MakeCall } from '../call.ts';
import { callRequest } from '../call-request.ts';
import { checkInterim } from '../check-answer.ts';
import type { CheckedRequest } from '../check-request.ts';
import { bytesTaken, FramingBytes } from './framing-bytes.ts';
import { faultOf, MessageError } from '../http-fault.ts';
import { joinUpgraded } from './join-upgraded.ts';
import type { Message } from './message.ts';
import { wantsTrailers } from '../trailers.ts';
import type { AnswerHead } from '../upstream/answer-head.ts';
import { WEBSOCKET } from '../websocket/handshake.ts';
import { isSound } from '../websocket/tunnel.ts';
import type { Tunnel } from '../websocket/tunnel.ts';

/** Services of the proxy that an exchange uses. */
export type Services = {
  /** makes the request to an upstream */
  call: MakeCall;
  /** called when a message has failed, to count and log it */
  onFault(error: MessageError): void;
  /** most bytes of a request's body; 0: no limit */
  maxBody: number;
};

/**
 * Request on its way to the upstream and its answer on its way back, both streamed. An exception in it ends this exchange and
 * nothing else: the client gets a gateway error or a cut answer, and both sockets are released.
 */
export class Exchange implements AnswerSink, Pace {
  readonly #message: Message;
  readonly #services: Services;
  #call: Call | undefined;
  #writer: AnswerWriter | undefined;
  /** byte budget of a chunked body; counts from the tick in which the request arrived */
  readonly #framing: FramingBytes | undefined;
  #hasBody = false;
  #isReading = false;
  /** client's side of a WebSocket */
  #tunnel: Tunnel | undefined;
  #hasAnswer = false;
  #isAnswered = false;
  #over = false;

  /** Must be constructed in the tick in which the request arrived. */
  constructor(message: Message, services: Services) {
    this.#message = message;
    this.#services = services;
    const { headers, socket } = message.incoming;
    const isChunked = headers['transfer-encoding'] !== undefined;
    this.#framing = isChunked ? new FramingBytes(() => bytesTaken(socket)) : undefined;
  }

  /**
   * Whether the client is expected to send. It is held back while the upstream takes nothing; if the answer has begun before the
   * request is complete, the two are in a conversation, in which both may be silent.
   */
  get awaitsBody(): boolean {
    if (this.#hasAnswer) return false;
    return !this.#message.incoming.complete && this.#call?.isReady === true;
  }

  /** Whether it ended properly: after one that did not, nothing on its connection is a request. */
  get isSound(): boolean {
    return !this.#over;
  }

  /** Forwards the request. */
  start(): void {
    try {
      const checked = this.#message.check();
      // its body would arrive among the bytes after the upgrade, where its end could not be told
      if (checked.hasBody && this.#message.upgrade !== undefined) {
        throw new MessageError('bad_request', 'an upgrade with a body');
      }
      const excess = overLimit(Number(checked.framing[1]), this.#services.maxBody);
      if (excess !== undefined) throw excess;
      if (this.#message.awaitsContinue === true) this.#message.response.writeContinue();
      this.#hasBody = checked.hasBody;
      const request = this.#request(checked);
      this.#writer = new AnswerWriter(this.#message.response, request.wantsTrailers, this);
      this.#call = this.#services.call(request, this);
      this.#call.start();
    } catch (error) {
      this.fail(faultOf(error));
    }
  }

  /** Ends the exchange and its upstream when the client has left. */
  abort(): void {
    this.#over = true;
    // a WebSocket whose client has ended it may have bytes on their way
    if (this.#tunnel !== undefined && isSound(this.#tunnel)) this.#call?.finish();
    else this.#call?.cancel();
  }

  /** Ends the exchange with an error; an answer that has begun is cut, so that it never looks complete. */
  fail(error: MessageError): void {
    if (this.#over) return;
    this.abort();
    const { incoming, response } = this.#message;
    this.#services.onFault(error);
    if (response.headersSent) return void incoming.socket.destroy();
    incoming.unpipe().resume();
    const { status } = error;
    try {
      // the connection continues after the answer only if no byte of the request is left on it
      const headers = { connection: 'close', 'content-length': 0 };
      response.writeHead(status, STATUS_CODES[status] ?? '', headers).end();
    } catch {
      incoming.socket.destroy();
    }
  }

  hold(): void {
    this.#call?.hold();
  }

  release(): void {
    this.#call?.release();
  }

  onReady(): void {
    if (!this.#hasBody) return;
    if (this.#isReading) this.#message.incoming.resume();
    else this.#readBody();
  }

  /** Checks an interim answer, which is not passed on. */
  onInterim(head: AnswerHead): void {
    checkInterim(head);
  }

  onHead(head: AnswerHead): void {
    this.#hasAnswer = true;
    this.#writer?.begin(head);
  }

  onSwitch(head: AnswerHead, upstream: Tunnel): void {
    this.#tunnel = joinUpgraded(this.#message, head, upstream);
  }

  onBody(chunk: Buffer): void {
    this.#writer?.body(chunk);
  }

  onEnd(trailers: readonly string[]): void {
    this.#isAnswered = true;
    this.#writer?.end(trailers);
    // a request that was answered early is read to its end
    if (!this.#message.incoming.complete) this.#message.incoming.resume();
  }

  onPause(): void {
    this.#writer?.flush();
  }

  onFailed(error: MessageError): void {
    const { response } = this.#message;
    if (this.#over || !response.headersSent) return this.fail(error);
    this.#over = true;
    this.#services.onFault(new MessageError('bad_answer', `the answer was cut: ${error.message}`));
    // so that it looks cut
    response.destroy();
  }

  #request(checked: CheckedRequest): CallRequest {
    const { incoming, upgrade, client } = this.#message;
    const { rawHeaders, httpVersion, headers } = incoming;
    const isCurrent = httpVersion === '1.1';
    const asksFor = (headers.upgrade ?? '').toLowerCase();
    const isPassedOn = checked.method === 'GET' && isCurrent && asksFor === WEBSOCKET;
    return callRequest(checked, rawHeaders, {
      client,
      wantsTrailers: isCurrent && wantsTrailers(rawHeaders),
      upgrade: upgrade === undefined ? undefined : isPassedOn ? 'websocket' : 'other',
      isConversation: false,
    });
  }

  #readBody(): void {
    const { incoming } = this.#message;
    this.#isReading = true;
    let received = 0;
    incoming.on('data', (chunk: Buffer) => {
      // nobody reads the rest; unread bytes would hide that the client leaves
      if (this.#over || this.#isAnswered) return;
      if (this.#framing?.isExcessive(chunk.length, incoming.readableLength) === true) {
        return this.fail(new MessageError('bad_request', 'a chunked body that is mostly extensions', 413));
      }
      received += chunk.length;
      const excess = overLimit(received, this.#services.maxBody);
      if (excess !== undefined) return this.fail(excess);
      if (this.#call?.write(chunk) === false) incoming.pause();
    });
    incoming.once('end', () => {
      if (!this.#over && !this.#isAnswered) this.#call?.end(incoming.rawTrailers);
    });
  }
}
