import type { Socket } from 'node:net';

/** Bytes held (65,536: one read) at which reading from the client stops until they are taken. */
const HIGH_WATER = 65_536;

const NOTHING = Buffer.alloc(0);

/**
 * Copies what a client sends to its upstream, and holds the bytes that come before that is connected. The client is read all the while, so
 * that its FIN or RST is noticed. As `pipe()` does, it stops reading while the upstream takes nothing; but `pipe()` adds and removes ten listeners for each connection, and this has one for its whole life.
 */
export class Requests {
  readonly #client: Socket;
  readonly #onGrown: () => void;
  readonly #onData = (chunk: Buffer): void => this.#take(chunk);
  #chunks: Buffer[] = [];
  #size = 0;
  #upstream: Socket | undefined;
  #isStopped = false;
  /** whether so much was held once that the client is read no more, though a header may have been dropped since */
  #isFull = false;
  #waits = false;

  /** @param onGrown called with each chunk as it arrives, while they are held */
  constructor(client: Socket, onGrown: () => void) {
    this.#client = client;
    this.#onGrown = onGrown;
    client.on('data', this.#onData);
  }

  /** Number of bytes that are held. */
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

  /** Writes the bytes so far to the upstream, and copies from then on. Call it in the tick in which the upstream is connected. */
  passOn(upstream: Socket): void {
    const early = this.peek();
    this.stop();
    this.#isStopped = false;
    this.#upstream = upstream;
    if (early.length > 0) upstream.write(early);
    if (upstream.writableNeedDrain) this.#wait(upstream);
    else if (this.#isFull) this.#client.resume();
    // its FIN came while there was nobody to pass it on to
    if (this.#client.readableEnded) upstream.end();
  }

  /** Puts the bytes so far back into the client's socket, and leaves it to somebody else, who reads them first. */
  giveBack(): void {
    const client = this.#client;
    client.off('data', this.#onData);
    client.pause();
    if (this.#size > 0) client.unshift(this.peek());
    this.stop();
  }

  /** Releases the bytes; what still comes goes nowhere. Idempotent. */
  stop(): void {
    this.#isStopped = true;
    this.#upstream = undefined;
    this.#chunks = [];
    this.#size = 0;
  }

  #take(chunk: Buffer): void {
    const upstream = this.#upstream;
    if (upstream === undefined) return this.#hold(chunk);
    // it is ending, and the cause is on its way
    if (upstream.writable && !upstream.write(chunk)) this.#wait(upstream);
  }

  #hold(chunk: Buffer): void {
    if (this.#isStopped) return;
    const socket = this.#client;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= HIGH_WATER) {
      this.#isFull = true;
      socket.pause();
    }
    this.#onGrown();
  }

  /** Reads no more until the upstream has taken everything. */
  #wait(upstream: Socket): void {
    this.#client.pause();
    if (this.#waits) return;
    // most upstreams never need it
    this.#waits = true;
    upstream.on('drain', () => this.#client.resume());
  }
}
