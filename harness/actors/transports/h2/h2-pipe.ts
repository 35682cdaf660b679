import type { Http2Stream, IncomingHttpHeaders } from 'node:http2';
import { Duplex } from 'node:stream';

import { cancelStream } from '../../../../shared/http2/cancel-stream.ts';
import { watchEndOfStream } from '../../../../shared/http2/end-of-stream.ts';
import { H2_CODES, type H2Code, nameOfCode } from '../../../scenario/h2-codes.ts';
import type { H2Settings } from '../../../scenario/step.ts';
import { halfHead } from './endless-head.ts';
import { GrpcReader, grpcPrefix, isGrpc } from './grpc-messages.ts';
import type { H2Line } from './h2-line.ts';

/**
 * Bodies of the streams of a script as one stream: writes go into the current request or response, reads give the received bodies.
 * Emits `seen` with what the peer did, as the pipes of HTTP/1.1 do.
 */
export abstract class H2Pipe extends Duplex {
  protected readonly line: H2Line;
  #stream: Http2Stream | undefined;
  #remaining = 0;
  #hasLength = false;
  /** streams that this side has cancelled: what follows is its own doing */
  readonly #cancelled = new WeakSet<Http2Stream>();
  /** bytes of received bodies */
  delivered = 0;
  /** whether the current message has been sent whole */
  protected isSent = false;
  /** whether the peer has sent RST_STREAM on the current stream, and the name of its code */
  isCancelled = false;
  resetCode: string | undefined;
  /** lengths of gRPC messages that have come whole, and that no step has waited for */
  readonly grpcMessages: number[] = [];
  /** whether the script has left a connection that others go on using */
  hasLeft = false;

  constructor(line: H2Line) {
    // the owner of the connection destroys its socket; the stream has nothing of its own
    super({ allowHalfOpen: true, autoDestroy: false, emitClose: false });
    this.line = line;
    // a failure of the connection may come before anybody listens
    this.on('error', () => undefined);
    line.enter(this);
  }

  /** Sends the head, unless it has been sent. */
  protected abstract begin(): void;
  /** Whether the peer has its whole answer, and need not send the rest of its request (RFC 9113, 8.1). */
  protected abstract get isAnswered(): boolean;
  /** Whether it is the side that answers. */
  protected get answers(): boolean {
    return false;
  }
  /** Called with the peer's whole body behind it. */
  protected abstract onWhole(): void;
  /** Called when the peer has sent RST_STREAM, with the name of what was seen. */
  protected abstract onCancelled(what: string): void;
  /** Called when the peer has ended the connection. */
  abstract lineLost(): void;

  /** Ending that the peer has announced by a GOAWAY with an error; undefined: none. */
  protected get goneFor(): string | undefined {
    const { goaway } = this.line;
    return goaway === undefined || goaway === 'no-error' ? undefined : `goaway-${goaway}`;
  }

  /** Code of the GOAWAY that the peer has sent; undefined: none. */
  get goneAway(): string | undefined {
    return this.line.goaway;
  }

  /** Whether the peer has ended the connection, or it has failed. */
  get isLost(): boolean {
    return this.line.isLost;
  }

  /** Whether the current stream takes no more bytes from this side. */
  get isOver(): boolean {
    const stream = this.#stream;
    return stream !== undefined && (stream.destroyed || stream.closed);
  }

  /** Whether the current message, or else the last one, has a content-length. */
  get hasLength(): boolean {
    return this.#hasLength;
  }

  /** Whether the stream stands for a connection: a WebSocket that the target has opened on one of its own. */
  get standsAlone(): boolean {
    return false;
  }

  /** Bytes that a content-length still promises. */
  get owed(): number {
    return this.#remaining;
  }

  /** Ends the body of the current message. */
  finish(): void {
    this.begin();
    this.isSent = true;
    this.#stream?.end();
  }

  /** Sends RST_STREAM on the current stream; nothing without one. */
  cancel(code: H2Code): void {
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed) return;
    this.#cancelled.add(stream);
    cancelStream(stream, H2_CODES[code]);
  }

  /** Sends GOAWAY; streams under way go on. */
  sendGoaway(code: H2Code): void {
    if (!this.line.session.destroyed) this.line.session.goaway(H2_CODES[code]);
  }

  /** Changes what the peer may do. */
  changeSettings({ streams, window }: H2Settings): void {
    const settings = {
      ...(streams === undefined ? {} : { maxConcurrentStreams: streams }),
      ...(window === undefined ? {} : { initialWindowSize: window }),
    };
    this.line.changeSettings(settings, this);
  }

  /** Reads nothing more of the connection; false if it was not made for that. */
  freeze(): boolean {
    return this.line.freeze();
  }

  /** Writes the beginning of trailers, or of an answer's head, opens all windows, and reads nothing more of the connection. */
  sendHalfHead(): void {
    this.line.whenSettled(() => {
      const id = this.#stream?.id;
      if (id === undefined) return;
      this.line.stream.write(halfHead(id, this.answers));
      this.freeze();
    });
  }

  /** Makes a stream the current one. */
  protected use(stream: Http2Stream): void {
    this.#stream = stream;
    this.isSent = false;
    this.isCancelled = false;
    this.resetCode = undefined;
    const isCurrent = (): boolean => this.#stream === stream;
    const hasEnded = watchEndOfStream(stream);
    stream.on('end', () => {
      if (hasEnded() && !this.#cancelled.has(stream)) this.onWhole();
    });
    stream.on('error', () => undefined);
    stream.once('close', () => {
      const isOwn = this.#cancelled.has(stream) || this.line.isLost || this.line.session.destroyed;
      const { rstCode } = stream;
      if (!isOwn && rstCode !== undefined && (rstCode !== 0 || !(hasEnded() || this.isAnswered))) {
        this.isCancelled ||= isCurrent();
        if (isCurrent()) this.resetCode = nameOfCode(rstCode);
        this.onCancelled(`rst-${nameOfCode(rstCode)}`);
      }
      this.emit('progress');
    });
  }

  /** Reads the body of a stream from here on, and delivers it unless it is of no interest; that of gRPC without its prefixes. */
  protected readBody(stream: Http2Stream, isOfInterest = true, contentType?: string): void {
    const deliver = (chunk: Buffer): void => {
      this.delivered += chunk.length;
      // reading continues when the bytes have been consumed
      if (!this.push(chunk)) stream.pause();
    };
    const messages = new GrpcReader({
      data: deliver,
      message: (bytes) => {
        this.grpcMessages.push(bytes);
        this.emit('progress');
      },
    });
    const inMessages = isGrpc(contentType);
    stream.on('data', (chunk: Buffer) => {
      if (!isOfInterest) return;
      if (inMessages) messages.push(chunk);
      else deliver(chunk);
    });
  }

  /** Announces a gRPC message; the bytes that are written next are its own. */
  beginGrpcMessage(bytes: number): void {
    this.begin();
    if (this.#stream?.writable === true) this.#stream.write(grpcPrefix(bytes));
  }

  /** Begins a body of this length; absent: it lasts until {@link finish}. */
  protected startBody(length: number | undefined): void {
    this.#hasLength = length !== undefined;
    this.#remaining = length ?? 0;
  }

  override _read(): void {
    this.#stream?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.begin();
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed || stream.closed || stream.writableEnded) return done();
    // a stream that is cancelled fails its writes: how it ended is told by itself
    stream.write(chunk, () => done());
    if (!this.#hasLength) return;
    this.#remaining -= chunk.length;
    if (this.#remaining === 0) this.finish();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.finish();
    done();
  }
}

/** Headers of a message by name, as HTTP/1.1 has them: `host` in place of `:authority`. */
export function headersOf(given: IncomingHttpHeaders): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const authority = headers.get(':authority');
  if (authority !== undefined && !headers.has('host')) headers.set('host', authority);
  return headers;
}
