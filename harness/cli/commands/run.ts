import { Command } from '../../../shared/vendor/commander.ts';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { journalPath } from '../../journal/file.ts';
import type { Reporter, RunStart } from '../../report/reporter.ts';
import { buildReport, type RunReport } from '../../report/run-report.ts';
import { type ReportedCase } from '../../report/reported-case.ts';
import { FilesReporter } from '../../report/files/write-reports.ts';
import { judge } from '../../judge/judge.ts';
import { joinAttempts } from '../../judge/retries.ts';
import type { CaseResult } from '../../judge/verdict.ts';
import { concurrently } from '../../../shared/concurrently.ts';
import { examineMachine } from '../../lab/machine.ts';
import { abilitiesToTry, type Admitted, admitAll } from '../../run/admission/admissions.ts';
import type { Entry } from '../../journal/entry.ts';
import { journalOfFailure, WorkerPool } from '../../run/workers/worker-pool.ts';
import { type Interruption, interruptible } from '../process/interruption.ts';
import { chooseLab } from '../options/lab.ts';
import { labOfRunning, onRunning, onStarted } from '../../suite/attached.ts';
import { lastFailed } from '../options/last-failed.ts';
import { noneApplies, outsideOf } from '../../suite/not-applicable.ts';
import { makeReporters } from '../options/reporters.ts';
import { addRunOptions, type RunOptions } from '../options/run-options.ts';
import { DEFAULT_TARGET, runsOnShippedTargets, select, type Selected } from '../../suite/select-cases.ts';
import { rerunCommand } from '../options/rerun-command.ts';
import { VERSION } from '../../../shared/version.ts';

export const runCommand = new Command('run')
  .description('Runs scenarios against a target and reports what was left behind.')
  .argument(
    '[paths...]',
    'areas, scenario files or folders, such as `faults` or `scenarios/first.yaml` (default: all)',
  )
  .action(async (paths: string[], options: RunOptions) => {
    const all = select(paths, options);
    if (runsOnShippedTargets(options, paths)) {
      process.stderr.write(
        `no ${DEFAULT_TARGET} here: cases run on lastfin's own targets, most on its reference proxy; \`npx lastfin init\` writes one for your program\n\n`,
      );
    }
    const chosen = options.lastFailed ? lastFailed(all, options.out) : { selected: all, notices: [] };
    for (const notice of chosen.notices) process.stderr.write(`${notice}\n`);
    if (chosen.selected === undefined) return;
    const selected =
      options.pid === undefined ? onStarted(chosen.selected) : onRunning(chosen.selected, options.pid);
    const interruption = interruptible();
    try {
      process.exitCode = await run(selected, options, interruption);
    } finally {
      interruption.dispose();
    }
  });
addRunOptions(runCommand);

async function run(selected: Selected, options: RunOptions, { signal }: Interruption): Promise<number> {
  const started = new Date();
  const lab =
    options.pid === undefined ? await chooseLab(options.lab, options.toxiproxy) : labOfRunning(options.lab);
  const { seed, toxiproxy, requireFidelity } = options;
  const machine = await examineMachine(abilitiesToTry(selected.chosen));
  const { admitted, skipped, notApplicable } = admitAll(selected.chosen, {
    mode: lab.mode,
    machine,
    lastfin: VERSION,
    toxiproxy,
    ...(requireFidelity === undefined ? {} : { requireFidelity }),
  });
  const outside = outsideOf(notApplicable);
  if (admitted.length + skipped.length === 0) throw noneApplies(notApplicable);
  const files = new FilesReporter(options.out);
  const rerun = (result: CaseResult): string => rerunCommand(result, options);
  const journal = (result: CaseResult): string => `${files.folder}/${journalPath(result.id)}`;
  const { reporter: names = ['terminal'], color } = options;
  const detail = options.quiet ? 'quiet' : options.verbose ? 'verbose' : 'normal';
  const reporters: Reporter[] = [files, ...makeReporters({ names, detail, color, rerun, journal })];
  const start: RunStart = {
    lastfin: VERSION,
    started,
    seed: options.seed,
    scenarios: [...admitted, ...skipped].map(({ testCase }) => testCase.scenario),
    targets: [...new Set([...admitted, ...skipped].map(({ testCase }) => testCase.target))],
    lab,
  };
  for (const reporter of reporters) await reporter.onRunStart?.(start);

  const pool = new WorkerPool(
    {
      seed,
      toxiproxy,
      lab: lab.mode,
      lacks: machine.lacks,
      lastfin: VERSION,
      ...(requireFidelity === undefined ? {} : { requireFidelity }),
    },
    signal,
  );
  const results: ReportedCase[] = [];
  let server: string | undefined;
  const limit = options.bail ?? Infinity;
  let failed = 0;
  let notRun = 0;
  let failure: unknown;
  const ended = async (result: CaseResult, journals: readonly Entry[][]): Promise<void> => {
    results.push({ ...result, journal: journalPath(result.id), rerun: rerun(result) });
    for (const reporter of reporters) await reporter.onCaseEnd?.(result, journals);
  };
  try {
    for (const one of skipped) await ended(judge(one.journal), [one.journal]);
    await concurrently(options.pid === undefined ? options.jobs : 1, admitted, async (one) => {
      if (signal.aborted) return;
      if (failed >= limit) {
        notRun++;
        return;
      }
      const { result, journals } = await runAttempts(pool, one, options, reporters);
      if (result.verdict === 'failed') failed++;
      server ??= toxiproxyOfJournals(journals);
      await ended(result, journals);
    });
  } catch (error) {
    failure = error;
  } finally {
    await pool.close();
  }
  if (failure !== undefined && !signal.aborted) results.push(...notRunFor(failure, admitted, results));
  const report = buildReport({
    lastfin: VERSION,
    started: started.toISOString(),
    took: Date.now() - started.getTime(),
    node: process.version,
    platform: process.platform,
    seed: options.seed,
    ...(server === undefined ? {} : { toxiproxy: server }),
    lab,
    interrupted: signal.aborted,
    ...(failure === undefined || signal.aborted ? {} : { broken: inWords(failure) }),
    ...(notRun === 0 ? {} : { bailed: { limit, notRun } }),
    ...outside,
    results: results.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  });
  // the finished cases are reported all the same; anything but the interruption goes on up after that
  const broken = await endAll(reporters, report);
  if (failure !== undefined && !signal.aborted) throw failure;
  if (broken !== undefined) throw broken;
  return report.exitCode;
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

/** Tells all reporters that the run has ended; the first error of one that failed, such as a full disk. */
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

/** All attempts of one case: `--repeat` runs it on, `--retries` only while it fails. */
async function runAttempts(
  pool: WorkerPool,
  { testCase, target, network }: Admitted,
  { repeat, retries }: RunOptions,
  reporters: readonly Reporter[],
): Promise<{ result: CaseResult; journals: Entry[][] }> {
  for (const reporter of reporters) await reporter.onCaseStart?.(testCase);
  const onPhase = (phase: Parameters<NonNullable<Reporter['onCasePhase']>>[1]): void => {
    for (const reporter of reporters) void reporter.onCasePhase?.(testCase, phase);
  };
  const results: CaseResult[] = [];
  const journals: Entry[][] = [];
  for (let more = repeat, again = retries; more > 0; more--) {
    const journal = await pool.run(testCase, target, network, { onPhase });
    const result = judge(journal);
    results.push(result);
    // of many repeats only the last and those that failed are worth keeping
    if (more === 1 || result.verdict !== 'passed') journals.push(journal);
    if (result.verdict === 'failed' && again > 0) {
      again--;
      more++;
    }
  }
  return { result: joinAttempts(results as [CaseResult, ...CaseResult[]]), journals };
}

/** The server that the cases' links were on, as the first of them to use one noted it. */
function toxiproxyOfJournals(journals: readonly Entry[][]): string | undefined {
  for (const [head] of journals)
    if (head?.type === 'case' && head.toxiproxy !== undefined) return head.toxiproxy;
  return undefined;
}
