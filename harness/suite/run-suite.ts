import { concurrently } from '../../shared/concurrently.ts';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { VERSION } from '../../shared/version.ts';
import type { Entry } from '../journal/entry.ts';
import { journalPath } from '../journal/file.ts';
import { judge } from '../judge/judge.ts';
import type { CaseResult } from '../judge/verdict.ts';
import type { ReportedCase } from '../report/reported-case.ts';
import type { Reporter } from '../report/reporter.ts';
import { buildReport, type RunReport } from '../report/run-report.ts';
import type { Admitted } from '../run/admission/admissions.ts';
import { journalOfFailure, WorkerPool } from '../run/workers/worker-pool.ts';
import { type AdmittedSuite, admitSuite } from './admit-suite.ts';
import { mustKeep } from './evidence-files.ts';
import { runAttempts } from './run-attempts.ts';
import { DEFAULT_JOBS, type SuiteOptions } from './suite-options.ts';

/**
 * Runs cases and judges them, as `npx lastfin run` does. Resolves with the report; it is written to disk only if a
 * `FilesReporter` is among the reporters. Aborting `options.signal` resolves with the report of the cases finished so far.
 *
 * @param reporters told how the run goes, in this order
 * @returns the report; its `exitCode` is 0 where every case passed
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
  const suite = await admitSuite(options);
  const { lab, outside } = suite;
  mustKeep(options.evidence, lab);
  const testCases = [...suite.admitted, ...suite.skipped].map(({ testCase }) => testCase);
  const scenarios = testCases.map(({ scenario }) => scenario);
  const targets = [...new Set(testCases.map(({ target }) => target))];
  for (const reporter of reporters)
    await reporter.onRunStart?.({ lastfin: VERSION, started, seed, scenarios, targets, lab });
  const outcome = await runAdmitted(suite, { ...options, signal }, reporters);
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
    results: results.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  });
  // the finished cases are reported whatever has happened; an error goes on up after that
  const broken = await endAll(reporters, report);
  if (failure !== undefined) throw failure.error;
  if (broken !== undefined) throw broken;
  return report;
}

/** The results of a run up to its end, or up to the failure that broke it off. */
type Outcome = {
  results: ReportedCase[];
  /** the Toxiproxy server that links were on, as the first case to use one noted it */
  server?: string;
  /** number of cases that `bail` kept from being run */
  notRun: number;
  failure?: { error: unknown };
};

/** Reports the skipped cases and runs the admitted ones. Never rejects: a failure is in the outcome. */
async function runAdmitted(
  { admitted, skipped, lab, lacks }: AdmittedSuite,
  options: SuiteOptions & { signal: AbortSignal },
  reporters: readonly Reporter[],
): Promise<Outcome> {
  const { seed = 1, toxiproxy = 'embedded', requireFidelity, signal } = options;
  const { jobs = DEFAULT_JOBS, bail = Infinity, pid, rerun, series = true } = options;
  const fidelity = requireFidelity === undefined ? {} : { requireFidelity };
  const pool = new WorkerPool(
    { seed, toxiproxy, lab: lab.mode, lacks, series, lastfin: VERSION, ...fidelity },
    signal,
  );
  const outcome: Outcome = { results: [], notRun: 0 };
  const ended = async (result: CaseResult, journals: readonly Entry[][]): Promise<void> => {
    const again = rerun === undefined ? {} : { rerun: rerun(result) };
    outcome.results.push({ ...result, journal: journalPath(result.id), ...again });
    for (const reporter of reporters) await reporter.onCaseEnd?.(result, journals);
  };
  let failed = 0;
  const runOne = async (one: Admitted): Promise<void> => {
    if (signal.aborted) return;
    if (failed >= bail) {
      outcome.notRun++;
      return;
    }
    for (const reporter of reporters) await reporter.onCaseStart?.(one.testCase);
    const { result, journals } = await runAttempts(pool, one, {
      ...options,
      onPhase: (phase) => {
        for (const reporter of reporters) void reporter.onCasePhase?.(one.testCase, phase);
      },
    });
    if (result.verdict === 'failed') failed++;
    outcome.server ??= toxiproxyOfJournals(journals);
    await ended(result, journals);
  };
  try {
    for (const { journal } of skipped) await ended(judge(journal), [journal]);
    await concurrently(pid === undefined ? jobs : 1, admitted, runOne);
  } catch (error) {
    outcome.failure = { error };
  } finally {
    await pool.close();
  }
  return outcome;
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

/** The Toxiproxy server that a case's links were on, noted at the head of its journal. */
function toxiproxyOfJournals(journals: readonly Entry[][]): string | undefined {
  for (const [head] of journals)
    if (head?.type === 'case' && head.toxiproxy !== undefined) return head.toxiproxy;
  return undefined;
}
