import type { OnReadOpts, Socket } from 'node:net';
import { noteData } from '../../shared/reset-after-data.ts';

/** Size of libuv's reads, bytes. */
const READ_SIZE = 65_536;
/** Size (bytes) from which reusing a buffer is cheaper than allocating one of the exact size. */
const LARGE = 16_384;
/** Most buffers kept for reuse. */
const MAX_SPARE = 16;

/** Shared buffer that all upstreams are read into: its content is taken out before the next read can begin. */
const readBuffer = Buffer.allocUnsafeSlow(READ_SIZE);
/** Buffers for reuse, preallocated so that the list never grows. */
const spare = Array.from<Buffer | undefined>({ length: MAX_SPARE });
let spares = 0;

/**
 * Copies what an upstream sends to its client. As `pipe()` does, it stops reading while the client takes nothing. But `pipe()`
 * allocates 64 KiB for every read, which costs more than the copying: the collector walks the whole heap for these buffers, and the
 * kernel maps their pages anew.
 *
 * @example
 * const replies = new Replies(client);
 * const upstream = connect({ host, port, onread: replies.onread });
 * upstream.once('connect', () => replies.passOn(upstream));
 */
export class Replies {
  /** Read options for the upstream's socket. */
  readonly onread: OnReadOpts;
  /** Called with all bytes once the client has them; it must not keep the buffer. */
  watcher: ((chunk: Buffer) => void) | undefined;
  readonly #client: Socket;
  readonly #onWritten: () => void;
  #upstream: Socket | undefined;
  /** whether reading is paused because the client has not taken everything */
  #waiting = false;
  /** buffer that the kernel still reads from */
  #lent: Buffer | undefined;

  constructor(client: Socket) {
    this.#client = client;
    this.#onWritten = () => this.#goOn();
    this.onread = { buffer: readBuffer, callback: (length) => this.#take(length) };
  }

  /** Starts copying. Call it in the tick in which the upstream is connected: before its first byte. */
  passOn(upstream: Socket): void {
    this.#upstream = upstream;
  }

  /** Passes `length` bytes on; returns whether to read on. */
  #take(length: number): boolean {
    const client = this.#client;
    if (this.#upstream !== undefined) noteData(this.#upstream);
    // the connection is ending, and nobody is left to tell
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
    // by now the kernel has nearly always taken everything
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
  // a lent buffer belongs to its connection
  spare[spares] = undefined;
  return buffer;
}

function giveBack(buffer: Buffer): void {
  if (spares === MAX_SPARE) return;
  spare[spares] = buffer;
  spares += 1;
}
