import { performance } from 'node:perf_hooks';
import { ChunkQueue, type Chunk } from './chunk-queue.ts';
import { startTimer } from './timer.ts';
import type { Toxic } from '../toxic.ts';
import { noop } from '../toxics/noop.ts';
import { END, INTERRUPTED, type Flow, type ToxicState } from '../toxics/toxic-kind.ts';

export type StubOptions = {
  readonly toxic: Toxic;
  readonly output: ChunkQueue;
  readonly random: () => number;
  /** The toxic does not touch this connection, whatever its toxicity. */
  readonly spared: boolean;
  readonly reset: () => void;
};

/**
 * Runs a toxic in one direction of a connection: an input queue, an output queue, and the toxic's loop between them.
 * The loop can be stopped at any moment without waiting for a receiver, and started again.
 */
export class Stub implements Flow {
  readonly toxic: Toxic;
  readonly input: ChunkQueue;
  output: ChunkQueue;
  readonly state: ToxicState = { bytes: 0 };
  readonly random: () => number;
  committed = false;
  readonly reset: () => void;
  readonly #spared: boolean;
  #closed = false;
  #interrupted = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: StubOptions) {
    this.toxic = options.toxic;
    this.input = new ChunkQueue(options.toxic.kind.bufferSize);
    this.output = options.output;
    this.random = options.random;
    this.reset = options.reset;
    this.#spared = options.spared;
  }

  /** The end was passed on: nothing goes through any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Rolls the toxicity and runs the toxic, or lets the data through. */
  start(): void {
    if (this.#closed || this.committed) return;
    this.#interrupted = false;
    const hit = this.random() < this.toxic.toxicity && !this.#spared;
    this.#running = (hit ? this.toxic.kind : noop).pipe(this, this.toxic.attributes);
  }

  /** Stops the toxic's loop. What it had in hand is in the output when this resolves, which needs no I/O. */
  async stop(): Promise<void> {
    if (this.#closed || this.committed) return;
    this.#interrupted = true;
    this.#wake?.();
    await this.#running;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.output.end();
  }

  /** Ends the loop and its timers for good. */
  dispose(): void {
    this.#closed = true;
    this.#interrupted = true;
    this.input.dispose();
    this.#wake?.();
  }

  async take(): Promise<Chunk | typeof END | typeof INTERRUPTED> {
    if (this.#idle()) await this.#until((wake) => (this.input.onItem = wake));
    if (this.#interrupted) return INTERRUPTED;
    return this.input.take() ?? END;
  }

  async takeWithin(ms: number): Promise<Chunk | typeof END | typeof INTERRUPTED | undefined> {
    if (this.#idle()) {
      let cancel = (): void => {};
      await this.#until((wake) => {
        this.input.onItem = wake;
        cancel = startTimer(ms, wake);
      });
      cancel();
      if (this.#idle()) return undefined;
    }
    return this.take();
  }

  async put(data: Buffer, receivedAt: number): Promise<boolean> {
    const { output } = this;
    output.push({ data, receivedAt });
    while (output.full && !this.#interrupted) await this.#until((wake) => (output.onTaken = wake));
    return !this.#interrupted;
  }

  flush(data: Buffer, receivedAt: number): void {
    if (data.length > 0) this.output.push({ data, receivedAt });
  }

  async sleep(ms: number): Promise<boolean> {
    if (ms > 0 && !this.#interrupted) {
      let cancel = (): void => {};
      await this.#until((wake) => (cancel = startTimer(ms, wake)));
      cancel();
    }
    return !this.#interrupted;
  }

  now(): number {
    return performance.now();
  }

  #idle(): boolean {
    return !this.#interrupted && this.input.length === 0 && !this.input.ended;
  }

  /** Waits for what `subscribe` asks for or for an interruption, whichever is first. */
  async #until(subscribe: (wake: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        // A hook left behind by an earlier wait must not forget the present one.
        if (this.#wake === wake) this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      subscribe(wake);
    });
  }
}
