import type { Entry, Phase } from '../journal/entry.ts';
import { judge } from '../judge/judge.ts';
import { joinAttempts } from '../judge/retries.ts';
import type { CaseResult } from '../judge/verdict.ts';
import type { Admitted } from '../run/admission/admissions.ts';
import type { WorkerPool } from '../run/workers/worker-pool.ts';
import { EvidenceFiles } from './evidence-files.ts';
import type { SuiteOptions } from './suite-options.ts';

/** Outcome of all attempts of a case: the joined result, and the journals worth keeping. */
export type Attempts = { result: CaseResult; journals: Entry[][] };

/** Runs all attempts of one case: `repeat` runs it on, `retries` only while it fails. */
export async function runAttempts(
  pool: WorkerPool,
  { testCase, target, network }: Admitted,
  {
    repeat = 1,
    retries = 0,
    evidence,
    onPhase,
  }: Pick<SuiteOptions, 'repeat' | 'retries' | 'evidence'> & { onPhase: (phase: Phase) => void },
): Promise<Attempts> {
  const results: CaseResult[] = [];
  const journals: Entry[][] = [];
  const files = EvidenceFiles.of(evidence, testCase.id);
  for (let more = repeat, again = retries; more > 0; more--) {
    const journal = await pool
      .run(testCase, target, network, { onPhase, evidence: files?.order })
      .catch((error: unknown) => {
        files?.drop();
        throw error;
      });
    const result = judge(journal);
    results.push(result);
    // of many repeats only the last and those that failed are worth keeping
    if (more === 1 || result.verdict !== 'passed') {
      journals.push(journal);
      files?.settle(result.verdict, journal, journals.length);
    } else files?.drop();
    if (result.verdict === 'failed' && again > 0) {
      again--;
      more++;
    }
  }
  return { result: joinAttempts(results as [CaseResult, ...CaseResult[]]), journals };
}
