/** Bytes on their way through a link, with the moment they were read (`performance.now()`, milliseconds). */
export type Chunk = {
  readonly data: Buffer;
  readonly receivedAt: number;
};

const nothing = (): void => {};

/**
 * Queue between two stages of a link: one producer, one consumer. Works like a Go channel of `capacity`:
 * a producer may always leave one chunk more than the capacity and then has to wait until one is taken.
 */
export class ChunkQueue {
  readonly capacity: number;
  /** Called after a chunk came in or the queue ended. */
  onItem: () => void = nothing;
  /** Called after a chunk was taken out. */
  onTaken: () => void = nothing;
  #items: Chunk[] = [];
  #head = 0;
  #ended = false;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** No chunk will come any more. Chunks inside are still to be taken. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The producer has to wait. */
  get full(): boolean {
    return this.length > this.capacity;
  }

  push(chunk: Chunk): void {
    if (this.#ended) return;
    this.#items.push(chunk);
    this.onItem();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onItem();
  }

  take(): Chunk | undefined {
    const chunk = this.#items[this.#head];
    if (chunk === undefined) return undefined;
    this.#head++;
    if (this.#head === this.#items.length || this.#head >= 64) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    this.onTaken();
    return chunk;
  }

  /** Drops what is inside, forgets who listens, and takes nothing any more. */
  dispose(): void {
    this.#items = [];
    this.#head = 0;
    this.#ended = true;
    this.onItem = nothing;
    this.onTaken = nothing;
  }
}
