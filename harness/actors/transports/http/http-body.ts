import { Duplex } from 'node:stream';

import { formatHead } from './http-reader.ts';

/** Framing of an outgoing body; `to-end`: by the end of the connection, as in HTTP/1.0. */
export type BodyFraming = 'chunked' | 'length' | 'to-end';

/**
 * Bodies of HTTP/1.1 exchanges as one stream: writes go into the current message, reads give the received bodies.
 * Emits `seen` with what the peer did, if no end or error of the socket tells it.
 */
export abstract class HttpBody extends Duplex {
  protected readonly inner: Duplex;
  #framing: BodyFraming | undefined;
  /** whether the last message that began has a content-length */
  #hasLength = false;
  /** bytes that its content-length still allows */
  #remaining = 0;
  /** headers to send after a chunked body */
  protected trailersToSend: Record<string, string> | undefined;
  /** bytes of received bodies */
  delivered = 0;

  constructor(inner: Duplex) {
    // the owner of the connection destroys its socket; the stream has nothing of its own
    super({ allowHalfOpen: true, autoDestroy: false, emitClose: false });
    this.inner = inner;
  }

  /** Sends the head, unless it has been sent. */
  protected abstract begin(): void;
  /** Called when the message has been sent. */
  protected abstract onFinished(): void;

  /** Whether the head of a message has been sent and its body is not finished. */
  get isSending(): boolean {
    return this.#framing !== undefined;
  }

  /** Whether the current message, or else the last one, has a content-length. */
  get hasLength(): boolean {
    return this.#hasLength;
  }

  /** Bytes that a content-length still promises. */
  get owed(): number {
    return this.#remaining;
  }

  /** Delivers bytes of a received body; reading continues when they have been consumed. */
  deliver(chunk: Buffer): void {
    this.delivered += chunk.length;
    if (!this.push(chunk)) this.inner.pause();
  }

  /** Ends the current message; one with a longer content-length stays incomplete. */
  finish(done: (error?: Error | null) => void = () => undefined): void {
    this.begin();
    const framing = this.#framing;
    this.#framing = undefined;
    if (framing === 'chunked') this.inner.write(formatHead('0', this.trailersToSend ?? {}), done);
    else if (framing === 'to-end') this.inner.end(done);
    else done();
    if (framing !== undefined) this.onFinished();
  }

  protected startBody(framing: BodyFraming, length = 0): void {
    this.#framing = framing;
    this.#hasLength = framing === 'length';
    this.#remaining = length;
    if (framing === 'length' && length === 0) this.finish();
  }

  override _read(): void {
    this.inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.begin();
    if (this.#framing !== 'chunked') {
      this.inner.write(chunk, done);
      this.#remaining -= chunk.length;
      if (this.#framing === 'length' && this.#remaining === 0) this.finish();
      return;
    }
    this.inner.cork();
    this.inner.write(`${chunk.length.toString(16)}\r\n`);
    this.inner.write(chunk);
    this.inner.write('\r\n', done);
    this.inner.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.finish(done);
  }
}
