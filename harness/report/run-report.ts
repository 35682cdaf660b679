import type { CaseResult, Verdict } from '../judge/verdict.ts';
import { groupCauses } from './causes.ts';
import { type Cause } from './cause.ts';
import { exitCode, isExempt } from './exit-code.ts';
import type { ReportedCase } from './reported-case.ts';

/** Network that the cases could use; `why` and `fix`: reason why it was no namespace, although one was wanted, and the fix. */
export type RunLab = { mode: 'auto' | 'none' | 'single' | 'hosts'; why?: string; fix?: string };

/** Part of a suite that one of several machines runs, counted from 1. */
export type Shard = { index: number; of: number };

/** Report of a run, the content of `report.json`. Plain JSON. */
export type RunReport = {
  /** version of this format */
  report: 1;
  /** the outcome in one line: `25 cases failed, 2 causes` */
  summary: string;
  counts: Record<Verdict, number>;
  exitCode: number;
  /** causes to fix, the most frequent first */
  causes: Cause[];
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
  /** end by `--bail`: after this many failed cases, with the number of cases that were not run */
  bailed?: { limit: number; notRun: number };
  /** reason for an end in the middle, such as a full disk; absent if there was none */
  broken?: string;
  /** cases that do not apply to the target: they are not among the results */
  notApplicable: { cases: number; reasons: { reason: string; cases: number }[] };
  /** cases that would run if the target file named these settings, with the YAML to paste */
  wouldRun?: { cases: number; settings: string[]; yaml: string };
  /** part of the suite that this was, the number of cases of all parts, and a hash of who runs which */
  shard?: Shard & { cases: number; plan: string };
  /** file of known findings; `gone`: listed, but no longer there although their case has run */
  known?: { file: string; findings: number; gone: { target: string; identity: string }[] };
  results: ReportedCase[];
};

/** Facts that the caller knows about a run; the rest of the report follows from the results. */
export type RunFacts = Omit<
  RunReport,
  'report' | 'summary' | 'counts' | 'exitCode' | 'causes' | 'notApplicable'
> &
  Partial<Pick<RunReport, 'notApplicable'>>;

/**
 * Completes a report with its counts, causes and exit code.
 *
 * @example
 * const report = buildReport({ lastfin: '0.1.0', started: new Date().toISOString(), …, interrupted: false, results });
 * process.exitCode = report.exitCode;
 */
export function buildReport(facts: RunFacts): RunReport {
  const { results, interrupted, notApplicable = { cases: 0, reasons: [] }, ...rest } = facts;
  const counts = countVerdicts(results);
  const exempt = results.filter(isExempt).length;
  const causes = groupCauses(results);
  return {
    report: 1,
    summary: `${summaryOf(counts, causes.length, exempt)}${rest.broken === undefined ? '' : ', and the run broke off'}`,
    counts,
    exitCode: rest.broken === undefined ? exitCode(results, interrupted) : 3,
    causes,
    ...rest,
    interrupted,
    notApplicable,
    results,
  };
}

function summaryOf(counts: Record<Verdict, number>, causes: number, exempt: number): string {
  const { failed, flaky, error, passed } = counts;
  const parts = [
    ...(failed > 0 ? [`${failed} ${failed === 1 ? 'case' : 'cases'} failed`] : []),
    ...(flaky > 0 ? [`${flaky} ${flaky === 1 ? 'case was' : 'cases were'} flaky`] : []),
    ...(exempt > 0 ? [exempt === failed + flaky ? 'all known' : `${exempt} of them known`] : []),
    ...(causes > 0 ? [`${causes} ${causes === 1 ? 'cause' : 'causes'}`] : []),
    ...(error > 0 ? [`${error} ${error === 1 ? 'error' : 'errors'} of the lab`] : []),
  ];
  if (parts.length > 0) return parts.join(', ');
  return passed === 0 ? 'no case was run' : `${passed} ${passed === 1 ? 'case' : 'cases'} passed`;
}

/** Number of cases by verdict. */
export function countVerdicts(results: readonly CaseResult[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { passed: 0, failed: 0, flaky: 0, skipped: 0, error: 0 };
  for (const { verdict } of results) counts[verdict]++;
  return counts;
}
