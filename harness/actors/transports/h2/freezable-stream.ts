import { Duplex } from 'node:stream';

/**
 * Passes the bytes of a connection on until it is frozen, and reads nothing from then on: an HTTP/2 session over a socket reads by
 * itself, and answers PING and SETTINGS without being asked.
 */
export class FreezableStream extends Duplex {
  readonly #inner: Duplex;
  #isFrozen = false;

  constructor(inner: Duplex) {
    super({ allowHalfOpen: true });
    this.#inner = inner;
    inner.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) inner.pause();
    });
    inner.once('end', () => this.push(null));
    inner.once('error', (error) => this.destroy(error));
    inner.once('close', () => this.destroy());
  }

  /** Stops reading for good. */
  freeze(): void {
    this.#isFrozen = true;
    this.#inner.pause();
  }

  override _read(): void {
    if (!this.#isFrozen) this.#inner.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#inner.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#inner.destroy();
    done(error);
  }
}
