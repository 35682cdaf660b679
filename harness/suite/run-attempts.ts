import type { Entry, Phase } from '../journal/entry.ts';
import { judge } from '../judge/judge.ts';
import { wantsLives } from '../judge/lives.ts';
import { joinAttempts } from '../judge/join-attempts.ts';
import type { CaseResult } from '../judge/verdict.ts';
import type { Admitted } from '../run/admission/admissions.ts';
import type { WorkerPool } from '../run/workers/worker-pool.ts';
import { EvidenceFiles } from './evidence-files.ts';
import type { Explained } from './attempts/explained.ts';
import type { SuiteOptions } from './suite-options.ts';

/** Most journals of failing attempts that are kept of a case that is run for a long time. */
const MOST_FAILING = 20;

/** Attempts of one case so far: their results, and the journals worth keeping. */
export class Attempts {
  readonly case: Admitted;
  readonly #results: CaseResult[] = [];
  /** journals of the failing attempts */
  readonly #failing: Entry[][] = [];
  /** journal of the last attempt, if that has passed */
  #last: Entry[] | undefined;
  #alone: CaseResult['alone'];
  readonly #evidence: SuiteOptions['evidence'];

  constructor(admitted: Admitted, evidence?: SuiteOptions['evidence']) {
    this.case = admitted;
    this.#evidence = evidence;
  }

  get count(): number {
    return this.#results.length;
  }

  /** Journals to keep: those of failing attempts and the last. */
  get journals(): Entry[][] {
    return this.#last === undefined ? this.#failing : [...this.#failing, this.#last];
  }

  /** Result of all attempts together. There must have been one. */
  get result(): CaseResult {
    const joined = joinAttempts(this.#results as [CaseResult, ...CaseResult[]]);
    return this.#alone === undefined ? joined : { ...joined, alone: this.#alone };
  }

  /** Runs it `repeat` times, and while it fails up to `retries` times more. */
  async run(
    pool: WorkerPool,
    { repeat = 1, retries = 0 }: Pick<SuiteOptions, 'repeat' | 'retries'>,
    onPhase: (phase: Phase) => void,
  ): Promise<void> {
    for (let more = repeat, again = retries; more > 0; more--) {
      const result = await this.#once(pool, onPhase);
      if (result.verdict === 'failed' && again > 0) {
        again--;
        more++;
      }
    }
  }

  /** Runs it once more, with nothing beside it. */
  async runAlone(pool: WorkerPool, onPhase: (phase: Phase) => void): Promise<void> {
    this.#alone = (await this.#once(pool, onPhase)).verdict;
  }

  /**
   * Runs a failed case once more to see how its connections end in the target, where its findings ask for that and no other run has told
   * enough of them. That run is not judged: it adds to the journal of the first failure, provided that it fails in the same way.
   */
  async explain(pool: WorkerPool, told: Explained): Promise<void> {
    const { testCase, target, network } = this.case;
    const at = this.#results.findIndex(({ verdict }) => verdict === 'failed');
    const failed = this.#results[at];
    const journal = this.#failing.find((one) => judge(one).verdict === 'failed');
    if (failed === undefined || journal === undefined || target.kind !== 'node' || target.pid !== undefined)
      return;
    const wanted = failed.findings.filter(wantsLives).map(({ fingerprint }) => fingerprint);
    if (!told.begin(wanted)) return;
    // what is known is told all the same where the run is broken off meanwhile
    const again = await pool.run(testCase, target, network, { explain: 'lives' }).catch(() => []);
    const lives = again.filter(({ type }) => type === 'lives');
    const isSame = judge(again).findings.some(({ fingerprint }) => wanted.includes(fingerprint));
    if (!isSame || lives.length === 0) return;
    const end = journal.at(-1)?.t ?? 0;
    journal.push(...lives.map((one) => ({ ...one, t: end })));
    const { findings } = judge(journal);
    this.#results[at] = { ...failed, findings };
  }

  async #once(pool: WorkerPool, onPhase: (phase: Phase) => void): Promise<CaseResult> {
    const { testCase, target, network } = this.case;
    const files = EvidenceFiles.of(this.#evidence, testCase.id);
    const journal = await pool
      .run(testCase, target, network, { onPhase, evidence: files?.order })
      .catch((error: unknown) => {
        files?.drop();
        throw error;
      });
    const result = judge(journal);
    this.#results.push(result);
    this.#last = undefined;
    if (result.verdict === 'passed') this.#last = journal;
    else if (this.#failing.length < MOST_FAILING) this.#failing.push(journal);
    else {
      files?.drop();
      return result;
    }
    files?.settle(result.verdict, journal, this.journals.length);
    return result;
  }
}
