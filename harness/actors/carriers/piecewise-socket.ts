import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * A socket whose first write, the ClientHello, goes out in pieces, each in a write and a turn of the event loop of its own.
 * How many reads they become is the kernel's affair: with Nagle off, most of them stay apart.
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
      else setImmediate(() => this.#writePieces(rest.subarray(this.#size), done));
    });
  }
}
