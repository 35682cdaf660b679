/**
 * lastfin's library: hunt leaks from a test, select and run cases, judge journals, read reports.
 *
 * @example
 * import { hunt } from 'lastfin';
 * const run = await hunt({ target: 'proxy', cases: ['lifecycle/close-unused[by=client]'] });
 * run.assert();
 *
 * @example
 * import { judge, readJournal } from 'lastfin';
 * const result = judge(await readJournal('reports/latest/journal/some-case.jsonl'));
 *
 * @example
 * import { runSuite, selectCases } from 'lastfin';
 * const cases = selectCases([], { case: ['lifecycle/close-unused[by=client]'], target: 'proxy' });
 * const { summary, exitCode } = await runSuite({ cases, signal: AbortSignal.timeout(60_000) });
 * if (exitCode !== 0) throw new Error(summary);
 */
export { ERROR_CODES, type ErrorCode } from './shared/errors/codes.ts';
export { type ErrorFacts, LastfinError } from './shared/errors/lastfin-error.ts';
export { hunt, type HuntOptions, type HuntRun } from './harness/hunt/hunt.ts';
export { expectNoLeaks } from './harness/hunt/expect-no-leaks.ts';
export type { InlineTarget } from './harness/hunt/inline-target.ts';
export { noLeaks, type LeakGuard, type NoLeaks, type NoLeaksOptions } from './harness/in-process/no-leaks.ts';
export type { ProcessLeak } from './harness/in-process/process-leak.ts';
export { judge } from './harness/judge/judge.ts';
export type { CaseResult, Finding, Verdict } from './harness/judge/verdict.ts';
export type { Entry } from './harness/journal/entry.ts';
export { loadScenarios } from './harness/scenario/load/load-scenarios.ts';
export type { Case } from './harness/scenario/case.ts';
export { readJournal } from './harness/journal/file.ts';
export { FilesReporter } from './harness/report/files/write-reports.ts';
export type { CaseStart, Reporter, RunStart, TextOutput } from './harness/report/reporter.ts';
export type { RunReport } from './harness/report/run-report.ts';
export { runSuite } from './harness/suite/run-suite.ts';
export type { ChosenCase } from './harness/suite/chosen-case.ts';
export { type Selection, selectCases } from './harness/suite/select-cases.ts';
export type { SuiteOptions } from './harness/suite/suite-options.ts';
