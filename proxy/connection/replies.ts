import type { OnReadOpts, Socket } from 'node:net';

/** As much as libuv reads at a time. */
const READ_SIZE = 65_536;
/** From here on (bytes) a buffer that comes back is cheaper than one of just the size. */
const LARGE = 16_384;
/** Buffers that are kept for the next ones: as many as were in use at once, up to here. */
const MAX_SPARE = 16;

/** All upstreams are read into this one: what came is taken out before the next read can begin. */
const readBuffer = Buffer.allocUnsafeSlow(READ_SIZE);
/** A place for each, so that it never grows. */
const spare = Array.from<Buffer | undefined>({ length: MAX_SPARE });
let spares = 0;

/**
 * Copies what an upstream sends to its client. As `pipe()` does, it reads no more while the client takes nothing, and passes the
 * FIN on; but `pipe()` has a new buffer of 64 KiB for every read, and they cost more than the copying: the collector walks the
 * whole heap for them, and the kernel hands out their pages anew.
 *
 * @example
 * const replies = new Replies(client);
 * const upstream = connect({ host, port, onread: replies.onread });
 * upstream.once('connect', () => replies.passOn(upstream));
 */
export class Replies {
  /** For the options of the upstream's socket. */
  readonly onread: OnReadOpts;
  /** Is shown all bytes once the client has them; it must not keep the buffer. */
  watcher: ((chunk: Buffer) => void) | undefined;
  readonly #client: Socket;
  readonly #onWritten: () => void;
  #upstream: Socket | undefined;
  /** the client has not taken all, and nothing is read */
  #waiting = false;
  /** what the kernel still takes bytes out of */
  #lent: Buffer | undefined;

  constructor(client: Socket) {
    this.#client = client;
    this.#onWritten = () => this.#goOn();
    this.onread = { buffer: readBuffer, callback: (length) => this.#take(length) };
  }

  /** To be called when the upstream is connected, in that tick: before its first byte. */
  passOn(upstream: Socket): void {
    this.#upstream = upstream;
    upstream.once('end', () => this.#client.end());
  }

  /** Whether to read on. */
  #take(length: number): boolean {
    const client = this.#client;
    // a connection that is ending: nobody is left to tell
    if (!client.writable) return true;
    this.#write(length);
    this.watcher?.(readBuffer.subarray(0, length));
    return !this.#waiting || !client.writable;
  }

  #write(length: number): void {
    const client = this.#client;
    const large = length >= LARGE;
    const buffer = large ? takeSpare() : Buffer.allocUnsafe(length);
    readBuffer.copy(buffer, 0, 0, length);
    client.write(large ? buffer.subarray(0, length) : buffer, this.#onWritten);
    // nearly always the kernel has taken all by now
    this.#waiting = client.writableLength > 0;
    if (!large) return;
    if (this.#waiting) this.#lent = buffer;
    else giveBack(buffer);
  }

  #goOn(): void {
    if (!this.#waiting || this.#client.writableLength > 0) return;
    this.#waiting = false;
    if (this.#lent !== undefined) giveBack(this.#lent);
    this.#lent = undefined;
    this.#upstream?.resume();
  }
}

function takeSpare(): Buffer {
  if (spares === 0) return Buffer.allocUnsafeSlow(READ_SIZE);
  spares -= 1;
  const buffer = spare[spares]!;
  // lent out, it is the connection's
  spare[spares] = undefined;
  return buffer;
}

function giveBack(buffer: Buffer): void {
  if (spares === MAX_SPARE) return;
  spare[spares] = buffer;
  spares += 1;
}
