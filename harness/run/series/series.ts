import type { Counts } from '../../journal/entry.ts';
import type { Recorder } from '../../journal/recorder.ts';
import type { Observer } from '../../probe/observer.ts';
import { processTree } from '../../probe/outside/process-tree.ts';
import type { Sample } from '../../probe/protocol.ts';
import { mappingSamples } from '../observers/mapping-samples.ts';
import { lookFromOutside } from './look-from-outside.ts';
import { nextLook } from './next-look.ts';

/** Looks after which it is found out anew which processes the target has. */
const SAME_PROCESSES = 10;

/** Samples that the run takes anyway are written down at most this many times as often as the light looks. */
const DENSER = 5;

export type SeriesOptions = {
  pid: number;
  /** whether processes of the target's session belong to it */
  ownSession: boolean;
};

/**
 * Writes `counts` into the journal from {@link start} to {@link stop}. The looks go through /proc, which costs the target nothing; what only
 * the target knows (records, active resources, its heap) is noted when the run asks for it anyway: nothing wakes the target for this.
 */
export class Series {
  readonly #recorder: Pick<Recorder, 'write' | 'series'>;
  readonly #options: SeriesOptions;
  #pids: number[] = [];
  #looks = 0;
  #cost = 0;
  #lastSample = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(recorder: Pick<Recorder, 'write' | 'series'>, options: SeriesOptions) {
    this.#recorder = recorder;
    this.#options = options;
  }

  /** Passes the samples of an observer on, and notes what they tell. */
  listeningTo(observer: Observer): Observer {
    return mappingSamples(observer, (sample) => {
      this.#saw(sample);
      return sample;
    });
  }

  start(): void {
    if (!this.#recorder.series || this.#timer !== undefined) return;
    this.#look({});
    this.#schedule();
  }

  /** @param last a sample of this moment, with which the series ends */
  stop(last?: Sample): void {
    if (this.#timer !== undefined && last !== undefined) this.#look(toldBy(last));
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer = setTimeout(
      () => {
        this.#look({});
        this.#schedule();
      },
      nextLook(this.#looks, this.#cost),
    ).unref();
  }

  #saw(sample: Sample): void {
    if (this.#timer === undefined) return;
    const now = performance.now();
    if (now - this.#lastSample < nextLook(this.#looks, this.#cost) / DENSER) return;
    this.#lastSample = now;
    this.#look(toldBy(sample));
  }

  #look(known: Counts): void {
    const before = performance.now();
    const { pid, ownSession } = this.#options;
    if (this.#looks++ % SAME_PROCESSES === 0)
      this.#pids = processTree(pid, { wholeSession: ownSession }).map((one) => one.pid);
    const counts = { ...lookFromOutside(this.#pids), ...known };
    this.#cost = performance.now() - before;
    if (Object.keys(counts).length > 0) this.#recorder.write({ type: 'counts', ...counts });
  }
}

/** Counts of a sample that nobody but the target knows. */
function toldBy({ gauges: { records }, resources, heapUsed }: Sample): Counts {
  return {
    ...(records === undefined ? {} : { records }),
    ...(Object.keys(resources).length === 0 ? {} : { active: resources }),
    ...(heapUsed === 0 ? {} : { heap: Math.round(heapUsed / 1024) }),
  };
}
