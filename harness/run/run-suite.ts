import { concurrently } from '../lab/concurrently.ts';
import type { Case } from '../scenario/scenario.ts';
import type { Target } from '../target/target-file.ts';
import type { SharedLab } from './case-lab.ts';
import type { Entry, Phase } from './journal.ts';
import { runCase } from './run-case.ts';

export type SuiteRun = {
  cases: readonly Case[];
  /** the target of a case, already loaded */
  targetOf: (plan: Case) => Target;
  shared: SharedLab;
  lastfin: string;
  /** cases under way at once */
  jobs: number;
  signal: AbortSignal;
  onCaseStart: (plan: Case) => void;
  onPhase: (plan: Case, phase: Phase) => void;
  /** `took`: wall time in ms */
  onCaseEnd: (plan: Case, journal: Entry[], took: number) => void | Promise<void>;
};

/** Runs the cases, `jobs` at a time. Rejects with the signal's reason once what was under way has been taken down. */
export async function runSuite(suite: SuiteRun): Promise<void> {
  await concurrently(suite.jobs, suite.cases, async (plan) => {
    suite.signal.throwIfAborted();
    suite.onCaseStart(plan);
    const start = performance.now();
    const journal = await runCase({
      case: plan,
      target: suite.targetOf(plan),
      shared: suite.shared,
      lastfin: suite.lastfin,
      signal: suite.signal,
      onPhase: (phase) => {
        suite.onPhase(plan, phase);
      },
    });
    await suite.onCaseEnd(plan, journal, Math.round(performance.now() - start));
  });
}
