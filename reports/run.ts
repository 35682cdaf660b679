import type { CaseResult, Verdict } from '../harness/judge/verdict.ts';
import { exitCode } from './exit-code.ts';

/** The result of one case, and where to go on from it. */
export type ReportedCase = CaseResult & {
  /** path of its journal, below the folder of the report */
  journal?: string;
  /** the command that runs just this case again */
  rerun?: string;
};

/** Where the cases of a run could stand; `why` and `mend`: why it was not a namespace, though that was wanted. */
export type RunLab = { mode: 'auto' | 'none' | 'single' | 'hosts'; why?: string; mend?: string };

/** One run of lastfin: what `report.json` holds. Plain JSON. */
export type RunReport = {
  /** version of this format */
  report: 1;
  lastfin: string;
  /** ISO 8601 */
  started: string;
  /** ms */
  took: number;
  node: string;
  platform: string;
  seed: number;
  /** the Toxiproxy server that was used */
  toxiproxy?: string;
  /** absent in reports of lastfin 0.1 */
  lab?: RunLab;
  /** true when a signal ended it before all cases had run */
  interrupted: boolean;
  counts: Record<Verdict, number>;
  /** cases that are not about this target, by the reason; they are not in `results` */
  notApplicable: { cases: number; reasons: { reason: string; cases: number }[] };
  /** cases that would run if the target file named these settings, and what to paste into it */
  wouldRun?: { cases: number; settings: string[]; yaml: string };
  exitCode: number;
  results: ReportedCase[];
};

/** What the caller knows of a run; the rest of the report follows from the results. */
export type RunFacts = Omit<RunReport, 'report' | 'counts' | 'exitCode'>;

/**
 * Completes a report with its counts and exit code.
 *
 * @example
 * const report = buildReport({ lastfin: '0.1.0', started: new Date().toISOString(), …, interrupted: false, results });
 * process.exitCode = report.exitCode;
 */
export function buildReport(facts: RunFacts): RunReport {
  const { results, interrupted, ...rest } = facts;
  return {
    report: 1,
    ...rest,
    interrupted,
    counts: countVerdicts(results),
    exitCode: exitCode(results, interrupted),
    results,
  };
}

/** How many cases got which verdict. */
export function countVerdicts(results: readonly CaseResult[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { passed: 0, failed: 0, flaky: 0, skipped: 0, error: 0 };
  for (const { verdict } of results) counts[verdict]++;
  return counts;
}
