import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** ms between two pieces */
const APART = 1;

/**
 * A socket whose first write, the ClientHello, goes out in pieces, each in a write of its own and a millisecond after the one before.
 * How many reads they become is the kernel's affair: with Nagle off, most of them stay apart, also where the reader is a little late.
 */
export class PiecewiseSocket extends Duplex {
  readonly #socket: Socket;
  readonly #size: number;
  #isCut = false;

  constructor(socket: Socket, size: number) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#size = size;
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#isCut) return void this.#socket.write(chunk, done);
    this.#isCut = true;
    this.#writePieces(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #writePieces(rest: Buffer, done: (error?: Error | null) => void): void {
    const last = rest.length <= this.#size;
    this.#socket.write(rest.subarray(0, this.#size), (error) => {
      if (last || error) done(error);
      else setTimeout(() => this.#writePieces(rest.subarray(this.#size), done), APART);
    });
  }
}
