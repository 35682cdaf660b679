import { concurrently } from '../../shared/concurrently.ts';
import { VERSION } from '../../shared/version.ts';
import type { Entry } from '../journal/entry.ts';
import { journalPath } from '../journal/file.ts';
import { judge } from '../judge/judge.ts';
import type { CaseResult } from '../judge/verdict.ts';
import { isExempt } from '../report/exit-code.ts';
import type { ReportedCase } from '../report/reported-case.ts';
import type { Reporter } from '../report/reporter.ts';
import { WorkerPool } from '../run/workers/worker-pool.ts';
import type { AdmittedSuite } from './admit-suite.ts';
import { Attempts } from './run-attempts.ts';
import { Explained } from './attempts/explained.ts';
import { DEFAULT_JOBS, type SuiteOptions } from './suite-options.ts';

/** The results of a run up to its end, or up to the failure that broke it off. */
export type Outcome = {
  results: ReportedCase[];
  /** the Toxiproxy server that links were on, as the first case to use one noted it */
  server?: string;
  /** number of cases that `bail` kept from being run */
  notRun: number;
  failure?: { error: unknown };
};

export type AdmittedOptions = SuiteOptions & {
  signal: AbortSignal;
  /** marks what is known among the findings */
  mark: (result: CaseResult) => CaseResult;
};

/** Reports the skipped cases and runs the admitted ones. Never rejects: a failure is in the outcome. */
export async function runAdmitted(
  suite: AdmittedSuite,
  options: AdmittedOptions,
  reporters: readonly Reporter[],
): Promise<Outcome> {
  const { seed = 1, toxiproxy = 'embedded', requireFidelity, series = true, signal } = options;
  const { lab, lacks, admitted, skipped } = suite;
  const fidelity = requireFidelity === undefined ? {} : { requireFidelity };
  const pool = new WorkerPool(
    { seed, toxiproxy, lab: lab.mode, lacks, series, lastfin: VERSION, ...fidelity },
    signal,
  );
  const run = new AdmittedRun(options, reporters, pool);
  const all = admitted.map((one) => new Attempts(one, options.evidence));
  try {
    for (const { journal } of skipped) await run.tell(judge(journal), [journal]);
    if (options.stress === undefined) await run.once(all);
    else await run.during(options.stress, all);
  } catch (error) {
    run.outcome.failure = { error };
  } finally {
    await pool.close();
  }
  return run.outcome;
}

/** Run of the admitted cases: keeps the outcome, and the failed cases that wait to be tried alone. */
class AdmittedRun {
  readonly outcome: Outcome = { results: [], notRun: 0 };
  readonly #options: AdmittedOptions;
  readonly #reporters: readonly Reporter[];
  readonly #pool: WorkerPool;
  /** failed cases that wait to be tried alone */
  #waiting: Attempts[] = [];
  #failed = 0;
  readonly #explained = new Explained();
  /** when the first attempt of a case began, by its id */
  readonly #started = new Map<string, string>();
  readonly #jobs: number;

  constructor(options: AdmittedOptions, reporters: readonly Reporter[], pool: WorkerPool) {
    this.#options = options;
    this.#reporters = reporters;
    this.#pool = pool;
    this.#jobs = options.pid === undefined ? (options.jobs ?? DEFAULT_JOBS) : 1;
  }

  /** Runs each case as often as `repeat` says, then those that failed once more, alone. */
  async once(all: readonly Attempts[]): Promise<void> {
    const { bail = Infinity, alone = 0, signal } = this.#options;
    // a case that had nothing beside it would only do the same again
    let room = this.#jobs > 1 && all.length > 1 && bail === Infinity ? alone : 0;
    try {
      await concurrently(this.#jobs, all, async (one) => {
        if (signal.aborted) return;
        if (this.#failed >= bail) {
          this.outcome.notRun++;
          return;
        }
        await this.#attempt(one, (onPhase) => one.run(this.#pool, this.#options, onPhase));
        const result = this.#options.mark(one.result);
        const isFailure = result.verdict === 'failed' && !isExempt(result);
        if (isFailure) this.#failed++;
        if (!isFailure || room === 0) return this.#end(one);
        this.#waiting.push(one);
        for (const reporter of this.#reporters) await reporter.onCaseWait?.(one.case.testCase);
        if (this.#waiting.length <= room) return;
        // that many failures are no flakes
        room = 0;
        await this.#endWaiting();
      });
      for (let one = this.#waiting[0]; one !== undefined && !signal.aborted; one = this.#waiting[0]) {
        const last = one;
        await this.#attempt(last, (onPhase) => last.runAlone(this.#pool, onPhase));
        this.#waiting.shift();
        await this.#end(last);
      }
    } finally {
      await this.#endWaiting();
    }
  }

  /** Runs all cases again and again until the time is over; each is run at least once. */
  async during(stress: number, all: readonly Attempts[]): Promise<void> {
    const { signal } = this.#options;
    const until = performance.now() + stress;
    const isOver = (): boolean => performance.now() >= until || signal.aborted;
    try {
      do {
        await concurrently(this.#jobs, all, async (one) => {
          if (signal.aborted || (one.count > 0 && isOver())) return;
          await this.#attempt(one, (onPhase) => one.run(this.#pool, {}, onPhase));
          for (const reporter of this.#reporters) await reporter.onCaseWait?.(one.case.testCase);
        });
      } while (!isOver());
    } finally {
      for (const one of all) if (one.count > 0) await this.#end(one);
    }
  }

  async tell(result: CaseResult, journals: readonly Entry[][]): Promise<void> {
    const { rerun, mark } = this.#options;
    const marked = mark(result);
    const again = rerun === undefined ? {} : { rerun: rerun(marked) };
    const started = this.#started.get(result.id);
    const times = started === undefined ? {} : { started };
    this.outcome.results.push({ ...marked, ...times, journal: journalPath(marked.id), ...again });
    for (const reporter of this.#reporters) await reporter.onCaseEnd?.(marked, journals);
  }

  async #attempt(
    one: Attempts,
    run: (onPhase: Parameters<Attempts['runAlone']>[1]) => Promise<void>,
  ): Promise<void> {
    const { testCase } = one.case;
    if (one.count === 0) {
      this.#started.set(testCase.id, new Date().toISOString());
      for (const reporter of this.#reporters) await reporter.onCaseStart?.(testCase);
    }
    await run((phase) => {
      for (const reporter of this.#reporters) void reporter.onCasePhase?.(testCase, phase);
    });
  }

  async #end(one: Attempts): Promise<void> {
    const { signal, series = true } = this.#options;
    if (series && !signal.aborted) await one.explain(this.#pool, this.#explained);
    this.outcome.server ??= toxiproxyOfJournals(one.journals);
    await this.tell(one.result, one.journals);
  }

  async #endWaiting(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) await this.#end(one);
  }
}

/** The Toxiproxy server that a case's links were on, noted at the head of its journal. */
function toxiproxyOfJournals(journals: readonly Entry[][]): string | undefined {
  for (const [head] of journals)
    if (head?.type === 'case' && head.toxiproxy !== undefined) return head.toxiproxy;
  return undefined;
}
