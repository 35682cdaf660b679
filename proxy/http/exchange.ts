import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AnswerWriter } from './answer-writer.ts';
import type { Pace } from './answer-writer.ts';
import { overLimit } from './body-limit.ts';
import { checkInterim, MAX_INTERIM } from './check-answer.ts';
import type { CheckedRequest } from './check-request.ts';
import { FramingBytes } from './framing-bytes.ts';
import { headerLines } from './headers.ts';
import { faultOf, MessageError } from './http-fault.ts';
import { joinUpgraded } from './join-upgraded.ts';
import type { Message } from './message.ts';
import { allowedTrailers } from './trailers.ts';
import type { AnswerHead } from './upstream/answer-head.ts';
import { AnswerReader } from './upstream/answer-reader.ts';
import type { AnswerEvents } from './upstream/answer-reader.ts';
import { isRepeatable, requestHead, WEBSOCKET } from './upstream/request-head.ts';
import type { RequestHead } from './upstream/request-head.ts';
import type { Upstream, UpstreamUser } from './upstream/upstream.ts';
import type { Upstreams } from './upstream/upstreams.ts';
import { writeChunk } from './upstream/write-chunk.ts';

/** Services of the proxy that an exchange uses. */
export type Services = {
  upstreams: Pick<Upstreams, 'takeIdle' | 'connect' | 'giveBack'>;
  /** called when a message has failed, to count and log it */
  onFault(error: MessageError): void;
  /** most bytes of a request's body; 0: no limit */
  maxBody: number;
};

/** Answer of an upstream, from the moment in which its request is forwarded. */
type Answer = {
  readonly checked: CheckedRequest;
  readonly head: RequestHead;
  readonly writer: AnswerWriter;
  readonly reader: AnswerReader;
};

/**
 * Request on its way to the upstream and its answer on its way back, both streamed. An exception in it ends this exchange and
 * nothing else: the client gets a gateway error or a cut answer, and both sockets are released.
 */
export class Exchange implements UpstreamUser, AnswerEvents, Pace {
  readonly #message: Message;
  readonly #services: Services;
  /** ends a connect that is under way */
  #left: AbortController | undefined;
  #upstream: Upstream | undefined;
  /** byte budget of a chunked body; counts from the tick in which the request arrived */
  readonly #framing: FramingBytes | undefined;
  /** whether the whole request has been written to the upstream */
  #isSent = false;
  /** whether that was so when the answer began */
  #wasSent = false;
  #hasAnswer = false;
  #isAnswered = false;
  #answer: Answer | undefined;
  #interims = 0;
  #over = false;

  /** Must be constructed in the tick in which the request arrived. */
  constructor(message: Message, services: Services) {
    this.#message = message;
    this.#services = services;
    const { headers, socket } = message.incoming;
    const isChunked = headers['transfer-encoding'] !== undefined;
    this.#framing = isChunked ? new FramingBytes(() => socket.bytesRead) : undefined;
  }

  /**
   * Whether the client is expected to send. It is held back while the upstream takes nothing; if the answer has begun before the
   * request is complete, the two are in a conversation, in which both may be silent.
   */
  get awaitsBody(): boolean {
    if (this.#hasAnswer) return false;
    return !this.#message.incoming.complete && this.#upstream?.socket.writableNeedDrain === false;
  }

  /** Whether it ended properly: after one that did not, nothing on its connection is a request. */
  get isSound(): boolean {
    return !this.#over;
  }

  /** Forwards the request. */
  start(): void {
    this.#guard(() => {
      const checked = this.#message.check();
      // its body would arrive among the bytes after the upgrade, where its end could not be told
      if (checked.hasBody && this.#message.upgrade !== undefined) {
        throw new MessageError('bad_request', 'an upgrade with a body');
      }
      const excess = overLimit(Number(checked.framing[1]), this.#services.maxBody);
      if (excess !== undefined) throw excess;
      if (this.#message.awaitsContinue === true) this.#message.response.writeContinue();
      const mayReuse = isRepeatable(this.#message, checked);
      const idle = mayReuse ? this.#services.upstreams.takeIdle() : undefined;
      if (idle === undefined) this.#connect(checked, mayReuse);
      else this.#forward(checked, idle);
    });
  }

  /** Ends the exchange and its upstream when the client has left. */
  abort(): void {
    this.#over = true;
    this.#left?.abort();
    this.#upstream?.end('client');
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

  onData(chunk: Buffer): void {
    this.#onUpstream(chunk);
  }

  onFin(): void {
    this.#onUpstream(undefined);
  }

  onDrain(): void {
    this.#message.incoming.resume();
  }

  onClosed(error: Error | undefined): void {
    this.#onUpstream(undefined, error);
  }

  hold(): void {
    this.#upstream?.socket.pause();
  }

  release(): void {
    this.#upstream?.socket.resume();
  }

  onInterim(head: AnswerHead): void {
    this.#interims += 1;
    if (this.#interims > MAX_INTERIM) throw new MessageError('bad_answer', 'too many interim answers');
    checkInterim(head);
  }

  onHead(head: AnswerHead): void {
    this.#hasAnswer = true;
    this.#wasSent = this.#isSent;
    this.#answer?.writer.begin(head);
  }

  onSwitch(head: AnswerHead, early: Buffer): void {
    const upstream = this.#upstream;
    if (this.#answer?.head.upgrades !== true || upstream === undefined) {
      throw new MessageError('bad_answer', 'an upgrade that was not requested');
    }
    joinUpgraded(this.#message, head, { upstream: upstream.socket, early, protocol: WEBSOCKET });
    upstream.detach();
  }

  onBody(chunk: Buffer): void {
    this.#answer?.writer.body(chunk);
  }

  onEnd(trailers: string[]): void {
    this.#isAnswered = true;
    this.#answer?.writer.end(trailers);
  }

  /** Runs a step of the exchange; every exception that a message can cause ends here. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fail(faultOf(error));
    }
  }

  #connect(checked: CheckedRequest, mayReuse: boolean): void {
    this.#left = new AbortController();
    this.#services.upstreams.connect(this.#left.signal, mayReuse).then(
      // a client may leave at the very moment of the connect
      (upstream) =>
        this.#guard(() => (this.#over ? upstream.end('client') : this.#forward(checked, upstream))),
      (error: unknown) => this.fail(new MessageError('no_upstream', String(error))),
    );
  }

  #forward(checked: CheckedRequest, upstream: Upstream): void {
    this.#upstream = upstream;
    const head = requestHead(this.#message, checked);
    this.#answer = {
      checked,
      head,
      writer: new AnswerWriter(this.#message.response, head.wantsTrailers, this),
      reader: new AnswerReader(checked.method, this),
    };
    upstream.use(this);
    const { socket } = upstream;
    if (checked.hasBody) socket.cork();
    socket.write(head.text, 'latin1');
    this.#sendBody(checked, socket, head.announced);
  }

  #sendBody({ hasBody, framing }: CheckedRequest, socket: Socket, announced: readonly string[]): void {
    const { incoming } = this.#message;
    if (!hasBody) {
      this.#isSent = true;
      return;
    }
    const isChunked = framing[0] === 'Transfer-Encoding';
    let received = 0;
    // the head goes out together with the first part; an upstream may answer the head alone only where it is asked to
    let uncork = (): void => {
      uncork = () => {};
      socket.uncork();
    };
    if (incoming.headers.expect !== undefined) uncork();
    incoming.on('data', (chunk: Buffer) => {
      // nobody reads the rest; unread bytes would hide that the client leaves
      if (this.#over || this.#upstream === undefined) return;
      if (this.#framing?.isExcessive(chunk.length, incoming.readableLength) === true) {
        return this.fail(new MessageError('bad_request', 'a chunked body that is mostly extensions', 413));
      }
      received += chunk.length;
      const excess = overLimit(received, this.#services.maxBody);
      if (excess !== undefined) return this.fail(excess);
      const takesMore = isChunked ? writeChunk(socket, chunk) : socket.write(chunk);
      uncork();
      if (!takesMore) incoming.pause();
    });
    incoming.once('end', () => {
      if (this.#over || this.#upstream === undefined) return;
      const trailers = allowedTrailers(incoming.rawTrailers, announced);
      if (isChunked) socket.write(`0\r\n${headerLines(trailers)}\r\n`, 'latin1');
      uncork();
      this.#isSent = true;
    });
  }

  /** Reads a part of the answer, or its end, and forwards what it has brought. */
  #onUpstream(chunk: Buffer | undefined, failure?: Error): void {
    if (this.#over || this.#upstream === undefined || this.#answer === undefined) return;
    const { checked, reader, writer } = this.#answer;
    try {
      if (failure !== undefined) throw new MessageError('bad_answer', String(failure));
      if (chunk === undefined) reader.end();
      else reader.read(chunk);
      if (this.#isAnswered) this.#release(this.#upstream);
      else writer.flush();
    } catch (error) {
      this.#onBroken(checked, this.#upstream, faultOf(error));
    }
  }

  /** Lets the upstream go after a complete answer. In any doubt it serves no further request. */
  #release(upstream: Upstream): void {
    this.#upstream = undefined;
    const { head, reader } = this.#answer ?? {};
    if (reader?.hasSurplus === true) {
      this.#services.onFault(new MessageError('bad_answer', 'bytes behind an answer'));
      upstream.end('surplus');
    } else if (head?.mayKeep === true && this.#wasSent && reader?.isReusable === true)
      this.#services.upstreams.giveBack(upstream);
    else upstream.end('answered');
    // a request that was answered early is read to its end
    if (!this.#isSent) this.#message.incoming.resume();
  }

  /** Handles an upstream that fails before its answer is complete. */
  #onBroken(checked: CheckedRequest, upstream: Upstream, fault: MessageError): void {
    const { response } = this.#message;
    if (upstream.isReused && !upstream.hasAnswered && isRepeatable(this.#message, checked)) {
      // it had closed when the request came; a new connection has no such excuse
      upstream.end('stale');
      this.#upstream = undefined;
      return this.#connect(checked, false);
    }
    upstream.end('failed');
    if (!response.headersSent) return this.fail(fault);
    this.#over = true;
    this.#services.onFault(new MessageError('bad_answer', `the answer was cut: ${fault.message}`));
    // so that it looks cut
    response.destroy();
  }
}
