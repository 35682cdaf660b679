import type { NetworkKind } from '../../lab/network/network.ts';
import type { Case } from '../../scenario/case.ts';
import type { Target } from '../../targets/file/target.ts';
import type { Entry, Phase } from '../../journal/entry.ts';
import { journalHead } from '../journal-head.ts';
import type { EvidenceOrder } from '../evidence/evidence-order.ts';
import { Recorder } from '../../journal/recorder.ts';
import { noteLabError } from '../phases/write-observations.ts';
import { Worker } from './worker.ts';
import type { WorkerOptions } from './worker-protocol.ts';

/**
 * Runs cases in worker processes, each in namespaces of its own, as many at once as its caller asks for. A worker that dies takes
 * only its case along.
 */
export class WorkerPool {
  readonly #options: WorkerOptions;
  readonly #signal: AbortSignal;
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();

  constructor(options: WorkerOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /**
   * Runs one case once; resolves with its journal, whatever becomes of the worker. Rejects when the signal is aborted, after the case
   * has been taken down, and with `LASTFIN_LAB` when no worker can be started at all.
   *
   * @param network the network that the case was admitted to
   * @param options `base`: folder that positions in findings are relative to; `evidence`: files that the case is to leave;
   *   `explain`: it is run to explain a run that was judged
   */
  async run(
    testCase: Case,
    target: Target,
    network: NetworkKind,
    {
      base = process.cwd(),
      onPhase = () => undefined,
      evidence,
      explain,
    }: {
      base?: string;
      onPhase?: (phase: Phase) => void;
      evidence?: EvidenceOrder | undefined;
      explain?: 'lives' | undefined;
    } = {},
  ): Promise<Entry[]> {
    const worker = await this.#take();
    try {
      const { journal, spoilt } = await worker.run(
        { case: testCase, target, network, base, evidence, explain },
        this.#signal,
        onPhase,
      );
      if (spoilt) await this.#retire(worker);
      return journal;
    } catch (error) {
      this.#signal.throwIfAborted();
      await this.#retire(worker);
      return journalOfFailure(testCase, target, this.#options.lastfin, error);
    } finally {
      if (this.#all.has(worker)) this.#idle.push(worker);
    }
  }

  /** Ends all workers. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => this.#retire(worker)));
  }

  async #take(): Promise<Worker> {
    this.#signal.throwIfAborted();
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) {
      if (worker.isAlive) return worker;
      // it died while nobody was looking: no case is harmed
      this.#all.delete(worker);
    }
    const worker = await Worker.start(this.#options);
    this.#all.add(worker);
    return worker;
  }

  async #retire(worker: Worker): Promise<void> {
    this.#all.delete(worker);
    await worker.close();
  }
}

/** Makes the journal of a case that the lab could not run: its head, and the error. */
export function journalOfFailure(testCase: Case, target: Target, lastfin: string, error: unknown): Entry[] {
  const recorder = new Recorder(() => undefined);
  recorder.write(journalHead(testCase, target, lastfin));
  noteLabError(recorder, error);
  return recorder.entries;
}
