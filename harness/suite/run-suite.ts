import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { VERSION } from '../../shared/version.ts';
import { readKnown } from '../gate/known/known-file.ts';
import { knownIn, markKnown } from '../gate/known/mark-known.ts';
import { judge } from '../judge/judge.ts';
import type { CaseResult } from '../judge/verdict.ts';
import type { ReportedCase } from '../report/reported-case.ts';
import type { Reporter } from '../report/reporter.ts';
import { buildReport, type RunReport } from '../report/run-report.ts';
import type { Admitted } from '../run/admission/admissions.ts';
import { journalOfFailure } from '../run/workers/worker-pool.ts';
import { admitSuite } from './admit-suite.ts';
import { mustKeep } from './evidence-files.ts';
import { runAdmitted } from './run-admitted.ts';
import { shardOf } from './shard-of.ts';
import type { SuiteOptions } from './suite-options.ts';

/**
 * Runs cases and judges them, as `npx lastfin run` does. Resolves with the report; it is written to disk only if a
 * `FilesReporter` is among the reporters. Aborting `options.signal` resolves with the report of the cases finished so far.
 *
 * @param reporters told how the run goes, in this order
 * @returns the report; its `exitCode` is 0 where every case passed, or did not for known findings only
 * @throws LastfinError `LASTFIN_USAGE` where no case applies to its target, `LASTFIN_LAB` where no worker can be started, `LASTFIN_OUTPUT`
 * where a reporter cannot write; all reporters are told the end of the run before
 * @example
 * import { runSuite, selectCases } from 'lastfin';
 * const cases = selectCases([], { case: ['lifecycle/close-unused[by=client]'], target: 'proxy' });
 * const report = await runSuite({ cases, jobs: 2, signal: AbortSignal.timeout(60_000) }, [
 *   { onCaseEnd: ({ id, verdict }) => console.log(id, verdict) },
 * ]);
 * if (report.exitCode !== 0) throw new Error(report.summary);
 */
export async function runSuite(
  options: SuiteOptions,
  reporters: readonly Reporter[] = [],
): Promise<RunReport> {
  const started = new Date();
  const { seed = 1, bail = Infinity, signal = new AbortController().signal } = options;
  const known = options.known === undefined ? undefined : readKnown(options.known);
  const today = started.toISOString().slice(0, 10);
  const mark = <T extends CaseResult>(result: T): T =>
    known === undefined ? result : markKnown(result, known, today);
  const { suite, shard } = shardOf(await admitSuite(options), options);
  const { lab, outside } = suite;
  mustKeep(options.evidence, lab);
  const testCases = [...suite.admitted, ...suite.skipped].map(({ testCase }) => testCase);
  const scenarios = testCases.map(({ scenario }) => scenario);
  const targets = [...new Set(testCases.map(({ target }) => target))];
  for (const reporter of reporters)
    await reporter.onRunStart?.({
      lastfin: VERSION,
      started,
      seed,
      scenarios,
      targets,
      lab,
      ...(shard === undefined ? {} : { shard }),
    });
  const outcome = await runAdmitted(suite, { ...options, signal, mark }, reporters);
  const { results, server, notRun } = outcome;
  // an interruption breaks cases off, too: it is no failure
  const failure = signal.aborted ? undefined : outcome.failure;
  if (failure !== undefined) results.push(...notRunFor(failure.error, suite.admitted, results));
  const report = buildReport({
    lastfin: VERSION,
    started: started.toISOString(),
    took: Date.now() - started.getTime(),
    node: process.version,
    platform: process.platform,
    seed,
    ...(server === undefined ? {} : { toxiproxy: server }),
    lab,
    interrupted: signal.aborted,
    ...(failure === undefined ? {} : { broken: inWords(failure.error) }),
    ...(notRun === 0 ? {} : { bailed: { limit: bail, notRun } }),
    ...outside,
    ...(shard === undefined ? {} : { shard }),
    ...(known === undefined || options.known === undefined
      ? {}
      : { known: knownIn(known, options.known, results) }),
    results: results.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  });
  // the finished cases are reported whatever has happened; an error goes on up after that
  const broken = await endAll(reporters, report);
  if (failure !== undefined) throw failure.error;
  if (broken !== undefined) throw broken;
  return report;
}

/** Errors for the cases that the run did not come to: a report never passes over a case. */
function notRunFor(
  failure: unknown,
  admitted: readonly Admitted[],
  results: readonly ReportedCase[],
): CaseResult[] {
  const known = new Set(results.map(({ id }) => id));
  const why = new LastfinError('LASTFIN_LAB', `not run, since the run broke off: ${inWords(failure)}`);
  return admitted
    .filter(({ testCase }) => !known.has(testCase.id))
    .map(({ testCase, target }) => judge(journalOfFailure(testCase, target, VERSION, why)));
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Tells all reporters that the run has ended; resolves with the first error of one that failed, such as a full disk. */
async function endAll(reporters: readonly Reporter[], report: RunReport): Promise<unknown> {
  const errors: unknown[] = [];
  for (const reporter of reporters) {
    try {
      await reporter.onRunEnd?.(report);
    } catch (error) {
      errors.push(error);
    }
  }
  return errors[0];
}
