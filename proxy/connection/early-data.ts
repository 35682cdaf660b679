import type { Socket } from 'node:net';

/** Bytes held (65,536: one read) at which reading from the client stops until they are taken. */
const HIGH_WATER = 65_536;

const NOTHING = Buffer.alloc(0);

/**
 * Buffers the bytes that a client sends before its upstream is connected. The client is read all the while, so that its FIN
 * or RST is noticed; the bytes are handed over exactly once.
 */
export class EarlyData {
  readonly #socket: Socket;
  readonly #onData: (chunk: Buffer) => void;
  #chunks: Buffer[] = [];
  #size = 0;

  /** @param onGrown called with each chunk as it arrives */
  constructor(socket: Socket, onGrown: () => void) {
    this.#socket = socket;
    this.#onData = (chunk) => {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      if (this.#size >= HIGH_WATER) socket.pause();
      onGrown();
    };
    socket.on('data', this.#onData);
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes so far, without removing them. */
  peek(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    // most clients have sent nothing by the time their upstream is connected
    return this.#chunks[0] ?? NOTHING;
  }

  /** Drops the first bytes: they were not meant for the upstream. */
  discard(length: number): void {
    this.#chunks = [this.peek().subarray(length)];
    this.#size -= length;
  }

  /** Removes and returns all bytes so far; from then on the caller reads the socket. */
  take(): Buffer {
    const bytes = this.peek();
    this.stop();
    return bytes;
  }

  /** Releases the bytes and the socket. Idempotent. */
  stop(): void {
    this.#socket.off('data', this.#onData);
    this.#chunks = [];
    this.#size = 0;
  }
}
