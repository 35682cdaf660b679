/**
 * lastfin's library: plan scenarios, judge journals, read reports. Running cases is the command line's: `npx lastfin run`.
 *
 * @example
 * import { judge, readJournal } from 'lastfin';
 * const result = judge(await readJournal('reports/latest/journal/some-case.jsonl'));
 */
export { ERROR_CODES, type ErrorCode } from './shared/errors/codes.ts';
export { type ErrorFacts, LastfinError } from './shared/errors/lastfin-error.ts';
export { judge } from './harness/judge/judge.ts';
export type { CaseResult, Finding, Verdict } from './harness/judge/verdict.ts';
export type { Entry } from './harness/journal/entry.ts';
export { loadScenarios } from './harness/scenario/load/load-scenarios.ts';
export type { Case } from './harness/scenario/case.ts';
export { readJournal } from './harness/journal/file.ts';
export type { RunReport } from './harness/report/run-report.ts';
