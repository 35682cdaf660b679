import { MAX_INTERIM } from '../check-answer.ts';
import { headerLines } from '../headers.ts';
import { faultOf, MessageError } from '../http-fault.ts';
import { allowedTrailers, trailerFields } from '../trailers.ts';
import { AnswerReader } from '../upstream/answer-reader.ts';
import { BODY_UNUSUAL, CLOSE } from '../upstream/request-head.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { UpstreamEnd } from '../upstream/upstream-ends.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { writeChunk } from '../upstream/write-chunk.ts';
import type { AnswerSink, Call, CallRequest } from './call.ts';

type Services = {
  upstreams: Pick<Upstreams, 'takeIdle' | 'connect' | 'giveBack'>;
  onFault(error: MessageError): void;
};

/** Call over a connection of the HTTP/1.1 pool, which it has for itself until the answer is complete. */
export class PooledCall implements Call {
  readonly #request: CallRequest;
  readonly #services: Services;
  readonly #sink: AnswerSink;
  /** ends a connect that is under way */
  #left: AbortController | undefined;
  #upstream: Upstream | undefined;
  #reader: AnswerReader | undefined;
  #isSent = false;
  /** whether the request had been sent whole when the answer began */
  #wasSent = false;
  #isAnswered = false;
  #interims = 0;
  #over = false;

  constructor(request: CallRequest, services: Services, sink: AnswerSink) {
    this.#request = request;
    this.#services = services;
    this.#sink = sink;
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
    return this.#request.framing[0] === 'Transfer-Encoding' ? writeChunk(socket, chunk) : socket.write(chunk);
  }

  end(trailers: readonly string[]): void {
    const socket = this.#upstream?.socket;
    if (socket === undefined) return;
    const { announced, framing } = this.#request;
    const passed = allowedTrailers(trailers, announced);
    if (framing[0] === 'Transfer-Encoding') socket.write(`0\r\n${headerLines(passed)}\r\n`, 'latin1');
    this.#isSent = true;
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
      // a client may leave at the very moment of the connect
      (upstream) => this.#guard(() => (this.#over ? upstream.end('client') : this.#forward(upstream))),
      (error: unknown) => this.#fail(new MessageError('no_upstream', String(error))),
    );
  }

  #forward(upstream: Upstream): void {
    const { method, target, host, fields, framing, hasBody, wantsTrailers, announced } = this.#request;
    this.#upstream = upstream;
    const reader = new AnswerReader(method, {
      onInterim: (head) => {
        this.#interims += 1;
        if (this.#interims > MAX_INTERIM) throw new MessageError('bad_answer', 'too many interim answers');
        this.#sink.onInterim(head);
      },
      onHead: (head) => {
        this.#wasSent = this.#isSent;
        this.#sink.onHead(head);
      },
      onBody: (chunk) => this.#sink.onBody(chunk),
      onEnd: (trailers) => {
        this.#isAnswered = true;
        this.#sink.onEnd(trailers);
      },
      onSwitch: () => {
        throw new MessageError('bad_answer', 'an upgrade that was not requested');
      },
    });
    this.#reader = reader;
    const step = (run: () => void): void => this.#onUpstream(upstream, run);
    upstream.use({
      onData: (chunk) => step(() => reader.read(chunk)),
      onFin: () => step(() => reader.end()),
      onDrain: () => this.#sink.onReady(),
      onClosed: (error) =>
        step(() => {
          if (error !== undefined) throw new MessageError('bad_answer', String(error));
          reader.end();
        }),
    });
    const hop = this.#mayKeep ? [] : CLOSE;
    const trailers = trailerFields(wantsTrailers, announced);
    const lines = headerLines(['Host', host, ...fields, ...framing, ...hop, ...trailers]);
    upstream.socket.write(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1');
    this.#isSent = !hasBody;
    this.#sink.onReady();
  }

  /** Whether the connection may serve another request after this one. */
  get #mayKeep(): boolean {
    return !(this.#request.hasBody && BODY_UNUSUAL.has(this.#request.method));
  }

  /** Runs a step that the upstream has caused. */
  #onUpstream(upstream: Upstream, step: () => void): void {
    if (this.#over || this.#upstream !== upstream) return;
    try {
      step();
      if (this.#isAnswered) this.#release(upstream);
      else this.#sink.onPause();
    } catch (error) {
      this.#onBroken(upstream, faultOf(error));
    }
  }

  /** Lets the upstream go after a complete answer. In any doubt it serves no further request. */
  #release(upstream: Upstream): void {
    if (this.#over) return;
    this.#upstream = undefined;
    this.#over = true;
    if (this.#reader?.hasSurplus === true) {
      this.#services.onFault(new MessageError('bad_answer', 'bytes behind an answer'));
      upstream.end('surplus');
    } else if (this.#mayKeep && this.#wasSent && this.#reader?.isReusable === true)
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
