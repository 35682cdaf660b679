import type { Socket } from 'node:net';
import type { AnswerSink, Call, CallRequest } from '../call.ts';
import { MAX_INTERIM } from '../check-answer.ts';
import { headerLines, valuesOf } from '../headers.ts';
import { faultOf, MessageError } from '../http-fault.ts';
import { allowedTrailers, trailerFields } from '../trailers.ts';
import { AnswerReader } from './answer-reader.ts';
import type { AnswerEvents } from './answer-reader.ts';
import type { AnswerHead } from './answer-head.ts';
import type { Upstream, UpstreamUser } from './upstream.ts';
import type { UpstreamEnd } from './upstream-ends.ts';
import type { Upstreams } from './upstreams.ts';
import { acceptOf } from '../../../shared/websocket/accept-of.ts';
import { newKey, WEBSOCKET, withoutHandshake } from '../websocket/handshake.ts';
import { socketTunnel } from '../websocket/tunnel.ts';
import { writeChunk } from './write-chunk.ts';

type Services = {
  upstreams: Pick<Upstreams, 'takeIdle' | 'connect' | 'giveBack' | 'endSoon'>;
  onFault(error: MessageError): void;
};

/** Fields that end a connection after its answer. */
const CLOSE: readonly string[] = ['Connection', 'close'];
const UPGRADE: readonly string[] = ['Connection', 'Upgrade', 'Upgrade', WEBSOCKET];

/** Call over a connection of the HTTP/1.1 pool, which it has for itself until the answer is complete. */
export class H1Call implements Call, UpstreamUser, AnswerEvents {
  readonly #request: CallRequest;
  readonly #services: Services;
  readonly #sink: AnswerSink;
  readonly #isChunked: boolean;
  /** ends a connect that is under way */
  #left: AbortController | undefined;
  #upstream: Upstream | undefined;
  #reader: AnswerReader | undefined;
  /** whether the head waits for the first part of the body */
  #isCorked = false;
  /** trailers of the request, once its body has ended */
  #trailers: readonly string[] | undefined;
  #isSent = false;
  /** whether the request had been sent whole when the answer began */
  #wasSent = false;
  #isAnswered = false;
  /** key of a handshake that its client has not made */
  #key: string | undefined;
  #interims = 0;
  #over = false;

  constructor(request: CallRequest, services: Services, sink: AnswerSink) {
    this.#request = request;
    this.#services = services;
    this.#sink = sink;
    this.#isChunked = request.framing[0] === 'Transfer-Encoding';
  }

  get isReady(): boolean {
    return this.#upstream?.socket.writableNeedDrain === false;
  }

  start(): void {
    const { isRepeatable } = this.#request;
    const idle = isRepeatable ? this.#services.upstreams.takeIdle() : undefined;
    if (idle === undefined) this.#connect(isRepeatable);
    else this.#guard(() => this.#forward(idle));
  }

  write(chunk: Buffer): boolean {
    const socket = this.#upstream?.socket;
    // nobody reads the rest
    if (socket === undefined) return true;
    const takesMore = this.#isChunked ? writeChunk(socket, chunk) : socket.write(chunk);
    this.#uncork();
    return takesMore;
  }

  end(trailers: readonly string[]): void {
    this.#trailers = allowedTrailers(trailers, this.#request.announced);
    if (this.#upstream !== undefined) this.#finish(this.#upstream.socket, this.#trailers);
  }

  hold(): void {
    this.#upstream?.socket.pause();
  }

  release(): void {
    this.#upstream?.socket.resume();
  }

  cancel(reason: UpstreamEnd = 'client'): void {
    this.#over = true;
    this.#left?.abort();
    this.#upstream?.end(reason);
    this.#upstream = undefined;
  }

  finish(): void {
    this.#over = true;
    if (this.#upstream !== undefined) this.#services.upstreams.endSoon(this.#upstream, 'client');
    this.#upstream = undefined;
  }

  onData(chunk: Buffer): void {
    this.#onUpstream(chunk);
  }

  onFin(): void {
    this.#onUpstream(undefined);
  }

  onDrain(): void {
    this.#sink.onReady();
  }

  onClosed(error: Error | undefined): void {
    this.#onUpstream(undefined, error);
  }

  onInterim(head: AnswerHead): void {
    this.#interims += 1;
    if (this.#interims > MAX_INTERIM) throw new MessageError('bad_answer', 'too many interim answers');
    this.#sink.onInterim(head);
  }

  onHead(head: AnswerHead): void {
    this.#wasSent = this.#isSent;
    this.#sink.onHead(head);
  }

  onSwitch(head: AnswerHead, early: Buffer): void {
    const upstream = this.#upstream;
    if (!this.#request.upgrades || upstream === undefined) {
      throw new MessageError('bad_answer', 'an upgrade that was not requested');
    }
    if (
      this.#key !== undefined &&
      valuesOf(head.rawHeaders, 'sec-websocket-accept')[0] !== acceptOf(this.#key)
    )
      throw new MessageError('bad_answer', 'a Sec-WebSocket-Accept of another key');
    // Node would end this half, too, at the upstream's FIN; the bridge of an HTTP/1.1 client ends with it
    if (this.#key !== undefined) upstream.socket.allowHalfOpen = true;
    this.#sink.onSwitch(head, socketTunnel(upstream.socket, early));
    upstream.detach();
  }

  onBody(chunk: Buffer): void {
    this.#sink.onBody(chunk);
  }

  onEnd(trailers: string[]): void {
    this.#isAnswered = true;
    this.#sink.onEnd(trailers);
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
    this.cancel('failed');
    this.#sink.onFailed(error);
  }

  #connect(mayReuse: boolean): void {
    this.#left = new AbortController();
    this.#services.upstreams.connect(this.#left.signal, mayReuse).then(
      (upstream) => {
        // nothing is left to abort, which would make an error
        this.#left = undefined;
        // a client may leave at the very moment of the connect
        this.#guard(() => (this.#over ? upstream.end('client') : this.#forward(upstream)));
      },
      (error: unknown) => this.#fail(new MessageError('no_upstream', String(error))),
    );
  }

  /** @throws TypeError for a header that contains a line break */
  #forward(upstream: Upstream): void {
    const { method, target, hasBody, holdsHead } = this.#request;
    this.#upstream = upstream;
    this.#reader = new AnswerReader(method, this);
    upstream.use(this);
    const { socket } = upstream;
    this.#isCorked = holdsHead;
    if (holdsHead) socket.cork();
    socket.write(`${method} ${target} HTTP/1.1\r\n${headerLines(this.#fields())}\r\n`, 'latin1');
    this.#isSent = !hasBody;
    if (this.#trailers !== undefined) this.#finish(socket, this.#trailers);
    this.#sink.onReady();
  }

  #fields(): string[] {
    const { host, fields, framing, upgrades, isPlainToo, mayKeep, wantsTrailers, announced } = this.#request;
    if (upgrades && !isPlainToo) {
      this.#key = newKey();
      return ['Host', host, ...withoutHandshake(fields), ...UPGRADE, 'Sec-WebSocket-Key', this.#key];
    }
    const hop = upgrades ? UPGRADE : mayKeep ? [] : CLOSE;
    return ['Host', host, ...fields, ...framing, ...hop, ...trailerFields(wantsTrailers, announced)];
  }

  #finish(socket: Socket, trailers: readonly string[]): void {
    if (this.#isChunked) socket.write(`0\r\n${headerLines(trailers)}\r\n`, 'latin1');
    this.#uncork();
    this.#isSent = true;
  }

  #uncork(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#upstream?.socket.uncork();
  }

  /** Reads a part of the answer, or its end, and tells what it has brought. */
  #onUpstream(chunk: Buffer | undefined, failure?: Error): void {
    const upstream = this.#upstream;
    const reader = this.#reader;
    if (this.#over || upstream === undefined || reader === undefined) return;
    try {
      if (failure !== undefined) throw new MessageError('bad_answer', String(failure));
      if (chunk === undefined) reader.end();
      else reader.read(chunk);
      if (this.#isAnswered) this.#release(upstream, reader);
      else this.#sink.onPause();
    } catch (error) {
      this.#onBroken(upstream, faultOf(error));
    }
  }

  /** Lets the upstream go after a complete answer. In any doubt it serves no further request. */
  #release(upstream: Upstream, reader: AnswerReader): void {
    if (this.#over) return;
    this.#upstream = undefined;
    this.#over = true;
    if (reader.hasSurplus) {
      this.#services.onFault(new MessageError('bad_answer', 'bytes behind an answer'));
      upstream.end('surplus');
    } else if (this.#request.mayKeep && this.#wasSent && reader.isReusable)
      this.#services.upstreams.giveBack(upstream);
    else upstream.end('answered');
  }

  #onBroken(upstream: Upstream, fault: MessageError): void {
    if (this.#over) return;
    if (upstream.isReused && !upstream.hasAnswered && this.#request.isRepeatable) {
      // it had closed when the request came; a new connection has no such excuse
      upstream.end('stale');
      this.#upstream = undefined;
      return this.#connect(false);
    }
    this.#fail(fault);
  }
}
