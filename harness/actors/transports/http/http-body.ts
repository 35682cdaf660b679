import { Duplex } from 'node:stream';

/** How a body that goes out is framed; `to-end`: by the end of the connection, as HTTP/1.0 has it. */
export type BodyFraming = 'chunked' | 'length' | 'to-end';

/**
 * The bodies of HTTP/1.1 exchanges as one stream: what is written goes into the message under way, what is read is what came.
 * Emits `seen` with what the peer did, where no end or error of the socket tells it.
 */
export abstract class HttpBody extends Duplex {
  protected readonly inner: Duplex;
  #framing: BodyFraming | undefined;
  /** the last message that began has a content-length */
  #hasLength = false;
  /** what a content-length still allows */
  #left = 0;
  /** bytes of bodies that have come */
  delivered = 0;

  constructor(inner: Duplex) {
    // who holds the connection destroys its socket; the stream has nothing of its own
    super({ allowHalfOpen: true, autoDestroy: false, emitClose: false });
    this.inner = inner;
  }

  /** Sends the head, where that has not been done. */
  protected abstract begin(): void;
  /** The message is out. */
  protected abstract onFinished(): void;

  /** A message whose head is out and whose body is not finished. */
  get isSending(): boolean {
    return this.#framing !== undefined;
  }

  /** Whether the message under way, or else the last one, has a content-length. */
  get hasLength(): boolean {
    return this.#hasLength;
  }

  /** Bytes that a content-length still promises. */
  get owed(): number {
    return this.#left;
  }

  /** Bytes of a body that has come; the connection is read on when they have been taken. */
  deliver(chunk: Buffer): void {
    this.delivered += chunk.length;
    if (!this.push(chunk)) this.inner.pause();
  }

  /** Ends the message under way; one with a longer content-length stays cut short. */
  finish(done: (error?: Error | null) => void = () => undefined): void {
    this.begin();
    const framing = this.#framing;
    this.#framing = undefined;
    if (framing === 'chunked') this.inner.write('0\r\n\r\n', done);
    else if (framing === 'to-end') this.inner.end(done);
    else done();
    if (framing !== undefined) this.onFinished();
  }

  protected startBody(framing: BodyFraming, length = 0): void {
    this.#framing = framing;
    this.#hasLength = framing === 'length';
    this.#left = length;
    if (framing === 'length' && length === 0) this.finish();
  }

  override _read(): void {
    this.inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.begin();
    if (this.#framing !== 'chunked') {
      this.inner.write(chunk, done);
      this.#left -= chunk.length;
      if (this.#framing === 'length' && this.#left === 0) this.finish();
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
