import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/**
 * Socket under a TLS handshake that falls silent: writes from the given flight on are dropped. A flight is everything that is written
 * between two reads.
 */
export class StalledHandshake extends Duplex {
  readonly #socket: Socket;
  readonly #last: number;
  #flight = 0;
  #hasRead = true;

  /** @param flight first flight that is not sent, from 1 */
  constructor(socket: Socket, flight: number) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#last = flight - 1;
    socket.on('data', (chunk) => {
      this.#hasRead = true;
      this.push(chunk);
    });
    socket.on('end', () => this.push(null));
    socket.on('close', () => this.destroy());
    socket.on('error', () => undefined);
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#hasRead) this.#flight++;
    this.#hasRead = false;
    if (this.#flight <= this.#last) return void this.#socket.write(chunk, done);
    this.emit('stalled');
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    done();
  }
}

/** Stream of a connection whose handshake stands still: it tells of the peer's end, and takes and gives no bytes. */
export class SilentPipe extends Duplex {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super({ allowHalfOpen: true, autoDestroy: false, emitClose: false });
    this.#socket = socket;
    if (socket.readableEnded) this.push(null);
    socket.once('end', () => this.push(null));
  }

  override _read(): void {}

  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }
}
