import type { Socket } from 'node:net';

/** With more than this (bytes) in hand, a client is not read on until somebody takes it: as much as one read gives. */
const HIGH_WATER = 65_536;

const NOTHING = Buffer.alloc(0);

/**
 * Holds what a client sends before there is an upstream to send it to. The client is read all the while, so that its FIN or
 * RST is seen; the bytes are handed over exactly once.
 */
export class EarlyData {
  readonly #socket: Socket;
  readonly #onData: (chunk: Buffer) => void;
  #chunks: Buffer[] = [];
  #size = 0;

  /** @param onGrown called with each chunk that has come */
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

  /** All bytes so far; they stay here. */
  peek(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    // most clients have sent nothing when their upstream is connected
    return this.#chunks[0] ?? NOTHING;
  }

  /** Forgets the first bytes: they were not meant for the upstream. */
  discard(length: number): void {
    this.#chunks = [this.peek().subarray(length)];
    this.#size -= length;
  }

  /** All bytes so far; from now on the socket is the caller's to read. */
  take(): Buffer {
    const bytes = this.peek();
    this.stop();
    return bytes;
  }

  /** Lets go of the bytes and of the socket. Can be called again. */
  stop(): void {
    this.#socket.off('data', this.#onData);
    this.#chunks = [];
    this.#size = 0;
  }
}
