import type { LoadSeen } from '../../journal/load-seen.ts';
import { type Load, MOST_REQUESTS } from '../../scenario/background-load.ts';
import { seenFrom } from '../seen-from.ts';
import type { LoadLine } from './load-line.ts';
import { LoadTally } from './load-tally.ts';
import { StarvationLog } from './starvation-log.ts';

/** Pause before a connection that failed is opened again, ms: without it refusals would be counted as fast as the kernel refuses. */
const AGAIN_AFTER = 20;

/** Most connections whose addresses are kept. */
const MOST_SOURCES = 1000;

/** Period of the schedule, ms. */
const TICK = 5;

type Slot = { line: LoadLine | undefined; isOpening: boolean; notBefore: number };

export type LoadServices = {
  /** opens a connection, and tells its own address; rejects with the error that kept it from standing */
  open: (onSource: (source: string) => void) => Promise<LoadLine>;
  /** ms after which a request without its answer has failed */
  deadline: number;
  /** ms for which harness and target have waited for a processor so far */
  starved: () => number;
  journalTime: (at: number) => number;
  signal: AbortSignal;
};

/** Load of one round: sends requests at its rate over its connections, and opens those again that end. */
export class LoadRun {
  readonly #load: Load;
  readonly #services: LoadServices;
  readonly #slots: Slot[];
  readonly #tally = new LoadTally();
  /** times at which requests were due that nobody has taken */
  readonly #due: number[] = [];
  #began = 0;
  #end = 0;
  #asked = 0;
  #isPumping = false;
  #isOver = false;
  #opened = 0;
  readonly #sources: string[] = [];

  constructor(load: Load, services: LoadServices) {
    this.#load = load;
    this.#services = services;
    this.#slots = Array.from({ length: load.connections }, () => ({
      line: undefined,
      isOpening: false,
      notBefore: 0,
    }));
  }

  /** Runs the load; rejects with the signal's reason when it is aborted. */
  async run(): Promise<LoadSeen> {
    const { signal, deadline, starved, journalTime } = this.#services;
    const log = new StarvationLog(starved);
    this.#began = performance.now();
    this.#end = this.#began + this.#load.duration;
    try {
      await new Promise<void>((resolve, reject) => {
        const stop = (settle: () => void): void => {
          clearInterval(timer);
          signal.removeEventListener('abort', onAbort);
          settle();
        };
        const onAbort = (): void => stop(() => reject(signal.reason as Error));
        const timer = setInterval(() => {
          this.#pump();
          const now = performance.now();
          for (const { line } of this.#slots)
            if (line?.oldest !== undefined && now - line.oldest > deadline) line.fail('timeout');
          if (now >= this.#end && (this.#isIdle || now >= this.#end + 2 * deadline)) stop(resolve);
        }, TICK);
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) onAbort();
      });
    } finally {
      log.stop();
      this.#isOver = true;
      for (const { line } of this.#slots) line?.close();
    }
    const ended = performance.now();
    for (const since of this.#due.splice(0)) this.#tally.add(since, ended, 'not-sent');
    const isKnown = this.#sources.length === this.#opened && this.#opened <= MOST_SOURCES;
    const seen = this.#tally.sum({ began: this.#began, ended }, log.between, journalTime);
    return { ...seen, ...(isKnown ? { sources: this.#sources } : {}) };
  }

  /** Ends all connections as a fault does: by RST, or else by FIN. */
  act(kind: 'reset' | 'close' | 'half-close' | 'abandon' | 'stall'): void {
    if (kind === 'stall') return;
    for (const { line } of this.#slots) line?.fail(kind === 'reset' ? 'reset-by-fault' : 'closed-by-fault');
  }

  get #isIdle(): boolean {
    const busy = this.#slots.some(({ line, isOpening }) => isOpening || (line?.inFlight ?? 0) > 0);
    return !busy && this.#due.length === 0;
  }

  /** Hands out all requests that are due to connections with room for them. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#schedule();
    for (const slot of this.#slots) {
      if (slot.line?.isOpen) this.#fill(slot, slot.line);
      else if ((slot.line?.inFlight ?? 0) === 0) this.#renew(slot);
    }
    this.#isPumping = false;
  }

  /** Adds the requests of the rate that have become due. */
  #schedule(): void {
    const { rate } = this.#load;
    if (rate === undefined) return;
    const until = Math.min(performance.now(), this.#end);
    for (;;) {
      const next = this.#began + (this.#asked * 1000) / rate;
      if (next >= until || this.#asked >= MOST_REQUESTS) return;
      this.#asked++;
      this.#due.push(next);
    }
  }

  get #hasDue(): boolean {
    if (this.#load.rate !== undefined) return this.#due.length > 0;
    return performance.now() < this.#end && this.#asked < MOST_REQUESTS;
  }

  /** Takes a request that is due: the time at which it was. */
  #take(): number {
    if (this.#load.rate !== undefined) return this.#due.shift() ?? performance.now();
    this.#asked++;
    return performance.now();
  }

  #fill(slot: Slot, line: LoadLine): void {
    while (line.isOpen && line.inFlight < this.#load.pipelining && this.#hasDue) {
      const since = this.#take();
      line.send((code) => {
        const now = performance.now();
        this.#tally.add(since, now, code);
        if (code !== undefined) slot.notBefore = now + AGAIN_AFTER;
        // not within the answer: the line may be about to close
        setImmediate(() => this.#pump());
      });
    }
  }

  /** Opens a connection in place of one that has ended, once there is a request for it. */
  #renew(slot: Slot): void {
    slot.line?.close();
    slot.line = undefined;
    const isDue = performance.now() >= slot.notBefore && this.#hasDue;
    if (!slot.isOpening && !this.#isOver && isDue) void this.#open(slot);
  }

  async #open(slot: Slot): Promise<void> {
    slot.isOpening = true;
    // the request fails with the connection that it is for
    const since = this.#take();
    try {
      this.#opened++;
      const line = await this.#services.open((source) => this.#sources.push(source));
      if (this.#isOver) return line.close();
      slot.line = line;
      if (this.#load.rate === undefined) this.#asked--;
      else this.#due.unshift(since);
    } catch (error) {
      this.#tally.add(since, performance.now(), seenFrom(error));
      slot.notBefore = performance.now() + AGAIN_AFTER;
    } finally {
      slot.isOpening = false;
    }
  }
}
