import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { ChunkQueue } from './chunk-queue.ts';
import { Stub } from './stub.ts';
import type { Toxic } from '../toxic.ts';

/** Most bytes that the real server reads at once; the effect of toxics on a chunk depends on it. */
const CHUNK_BYTES = 32 * 1024;
/** Number of chunks read ahead of the first toxic: the real server's reader and hidden noop hold one each. */
const READ_AHEAD = 2;
const EMPTY = Buffer.alloc(0);

export type LinkOptions = {
  readonly source: Socket;
  readonly dest: Socket;
  readonly toxics: readonly Toxic[];
  readonly random: () => number;
  readonly spares: (toxic: Toxic) => boolean;
  /** Resets both sides. */
  readonly reset: () => void;
  /** Closes the destination; called once, when all that was passed on is written. */
  readonly closeDest: () => void;
};

/**
 * Direction of a connection through its toxics:
 *
 *     source ─▶ queue ─▶ toxic ─▶ queue ─▶ toxic ─▶ queue (tail) ─▶ destination
 *
 * Without toxics the source is copied straight to the destination. The source is paused while the first queue is full or
 * the destination takes no more.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #tail = new ChunkQueue(0);
  #stubs: Stub[] = [];
  #writing = false;
  #finished = false;
  received = 0;
  sent = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    let output = this.#tail;
    for (const toxic of options.toxics.toReversed()) {
      const stub = this.#stub(toxic, output);
      this.#stubs.unshift(stub);
      output = stub.input;
    }
    this.#tail.onItem = this.#drainTail;
    this.#head.onTaken = this.#steer;
  }

  /** Starts to copy; both sockets must be connected, the source paused. */
  start(): void {
    const { source, dest } = this.#options;
    source.on('data', this.#onData);
    source.once('end', this.#onSourceEnd);
    source.once('close', this.#onSourceEnd);
    dest.on('drain', this.#steer);
    for (const stub of this.#stubs) stub.start();
    source.resume();
  }

  get #head(): ChunkQueue {
    return this.#stubs[0]?.input ?? this.#tail;
  }

  readonly #onData = (data: Buffer): void => {
    if (this.#finished) return;
    this.received += data.length;
    const { source, dest } = this.#options;
    if (this.#stubs.length === 0 && this.#tail.length === 0 && !this.#writing) {
      this.sent += data.length;
      // A write that the kernel took at once leaves nothing behind, whatever it returns.
      if (!dest.write(data) && dest.writableLength > 0) source.pause();
      return;
    }
    const receivedAt = performance.now();
    const head = this.#head;
    for (let start = 0; start < data.length; start += CHUNK_BYTES) {
      head.push({ data: data.subarray(start, start + CHUNK_BYTES), receivedAt });
    }
    this.#steer();
  };

  readonly #onSourceEnd = (): void => this.#head.end();

  /** Pauses or resumes the source. */
  readonly #steer = (): void => {
    const { source, dest } = this.#options;
    if (this.#finished || source.destroyed) return;
    const head = this.#head;
    const stuck =
      this.#stubs.length === 0
        ? this.#writing || head.length > 0 || dest.writableLength > 0
        : head.length > head.capacity + READ_AHEAD || this.#overfull();
    if (stuck !== source.isPaused()) source[stuck ? 'pause' : 'resume']();
  };

  /** More than all queues hold together: toxics that were removed left their chunks to the ones behind. */
  #overfull(): boolean {
    let chunks = this.#tail.length;
    let room = this.#stubs.length + 1 + READ_AHEAD;
    for (const stub of this.#stubs) {
      chunks += stub.input.length;
      room += stub.input.capacity;
    }
    return chunks > room;
  }

  /** Writes what comes out of the chain, a chunk at a time, then closes. */
  readonly #drainTail = (): void => {
    if (this.#writing || this.#finished) return;
    const chunk = this.#tail.take();
    if (chunk !== undefined) {
      this.#writing = true;
      this.sent += chunk.data.length;
      this.#options.dest.write(chunk.data, this.#onWritten);
    } else if (this.#tail.ended) {
      this.#finish();
    }
  };

  readonly #onWritten = (): void => {
    this.#writing = false;
    this.#drainTail();
    this.#steer();
  };

  #finish(): void {
    const { dest } = this.#options;
    if (dest.writableLength === 0 || dest.destroyed) this.#close();
    else dest.write(EMPTY, () => this.#close());
  }

  #close(): void {
    if (this.#finished) return;
    this.#finished = true;
    // bytes that the source still sends stay in the kernel, so its close will be a reset, as with the real server
    this.#options.source.pause();
    this.#options.closeDest();
  }

  /** Puts a toxic at the end of the chain. */
  async addToxic(toxic: Toxic): Promise<void> {
    const before = this.#stubs.at(-1);
    await before?.stop();
    if (this.#tail.ended) return;
    const stub = this.#stub(toxic, this.#tail);
    this.#stubs.push(stub);
    this.#connect(before, stub.input);
    stub.start();
    before?.start();
    this.#steer();
  }

  async updateToxic(toxic: Toxic): Promise<void> {
    const stub = this.#stubs.find((each) => each.toxic === toxic);
    await stub?.stop();
    stub?.start();
  }

  /** Takes a toxic out of the chain; the chunks it held go on. */
  async removeToxic(toxic: Toxic): Promise<void> {
    const stub = this.#stubs.find((each) => each.toxic === toxic);
    if (stub === undefined || stub.committed) return;
    await stub.stop();
    if (toxic.kind.closesWhenRemoved === true) stub.close();
    if (stub.closed) return;
    const index = this.#stubs.indexOf(stub);
    const before = this.#stubs[index - 1];
    await before?.stop();
    this.#stubs.splice(index, 1);
    for (let chunk = stub.input.take(); chunk !== undefined; chunk = stub.input.take())
      stub.output.push(chunk);
    if (stub.input.ended) stub.output.end();
    this.#connect(before, stub.output);
    stub.dispose();
    before?.start();
    this.#steer();
  }

  /** Makes a queue the one that a stub, or the source, fills. */
  #connect(before: Stub | undefined, queue: ChunkQueue): void {
    if (before === undefined) queue.onTaken = this.#steer;
    else before.output = queue;
  }

  /** Lets go of everything: timers, listeners, chunks. */
  dispose(): void {
    const { source, dest } = this.#options;
    this.#finished = true;
    source.off('data', this.#onData);
    source.off('end', this.#onSourceEnd);
    source.off('close', this.#onSourceEnd);
    dest.off('drain', this.#steer);
    if (!source.destroyed) source.pause();
    for (const stub of this.#stubs) stub.dispose();
    this.#stubs = [];
    this.#tail.dispose();
  }

  #stub(toxic: Toxic, output: ChunkQueue): Stub {
    const { random, spares, reset } = this.#options;
    return new Stub({ toxic, output, random, spared: spares(toxic), reset });
  }
}
