import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Content type of an alert (RFC 5246, 6.2.1). */
const ALERT = 21;
const HEADER = 5;

/**
 * Stands between a socket and TLS, and sees which records come. TLS 1.2 shows their types; the last one of a connection that was
 * ended, not cut, is the alert close_notify (RFC 5246, 7.2.1), of which Node.js tells nothing.
 */
export class RecordTap extends Duplex {
  readonly #socket: Socket;
  #last: number | undefined;
  /** bytes until the next header, and those of a header that is not whole */
  #skip = 0;
  #header = Buffer.alloc(0);

  constructor(socket: Socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#follow(chunk);
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** Whether the last record was an alert: the peer has ended the connection on purpose. */
  get isNotified(): boolean {
    return this.#last === ALERT;
  }

  #follow(chunk: Buffer): void {
    let at = Math.min(this.#skip, chunk.length);
    this.#skip -= at;
    while (at < chunk.length) {
      const header = Buffer.concat([this.#header, chunk.subarray(at, at + HEADER - this.#header.length)]);
      at += header.length - this.#header.length;
      if (header.length < HEADER) {
        this.#header = header;
        return;
      }
      this.#header = Buffer.alloc(0);
      this.#last = header[0];
      const length = header.readUInt16BE(3);
      this.#skip = Math.max(0, length - (chunk.length - at));
      at += length;
    }
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
