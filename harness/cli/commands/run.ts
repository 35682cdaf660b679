import path from 'node:path';

import { Command } from '../../../shared/vendor/commander.ts';

import { journalPath } from '../../journal/file.ts';
import type { CaseResult } from '../../judge/verdict.ts';
import { FilesReporter } from '../../report/files/write-reports.ts';
import { htmlParts } from '../../report/files/write-html.ts';
import { LiveReporter } from '../../report/live/live-reporter.ts';
import { runSuite } from '../../suite/run-suite.ts';
import { DEFAULT_TARGET, runsOnShippedTargets, selectCases } from '../../suite/select-cases.ts';
import type { ChosenCase } from '../../suite/chosen-case.ts';
import { dropUndefined } from '../../../shared/drop-undefined.ts';
import { readReport, timesOf } from '../../gate/stored-report.ts';
import type { Shard } from '../../report/run-report.ts';
import { changeKnownAfter, exceptionOf, knownFileOf } from '../options/known-options.ts';
import { shardOfEnvironment, touchStatusFile } from '../options/shard.ts';
import { RunHistory } from './finished-runs/run-history.ts';
import { lastFailed } from '../options/last-failed.ts';
import { rerunCommand } from '../options/rerun-command.ts';
import { addRunOptions, type RunOptions } from '../options/run-options.ts';
import { defaultReporters } from '../reporters/environment.ts';
import { makeReporters } from '../reporters/make-reporters.ts';
import { interruptible } from '../process/interruption.ts';

export const runCommand = new Command('run')
  .description('Runs scenarios against a target and reports what was left behind.')
  .argument(
    '[paths...]',
    'areas, scenario files or folders, such as `faults` or `scenarios/first.yaml` (default: all)',
  )
  .action(async (paths: string[], options: RunOptions) => {
    const selected = selectCases(paths, options);
    if (runsOnShippedTargets(options, paths)) {
      process.stderr.write(
        `no ${DEFAULT_TARGET} here: cases run on lastfin's own targets, most on its reference proxy; \`npx lastfin init\` writes one for your program\n\n`,
      );
    }
    const { chosen, notices } = options.lastFailed
      ? lastFailed(selected, options.out)
      : { chosen: selected, notices: [] };
    for (const notice of notices) process.stderr.write(`${notice}\n`);
    if (chosen === undefined) return;
    const interruption = interruptible();
    try {
      process.exitCode = await runCases(chosen, options, interruption.signal);
    } finally {
      interruption.dispose();
    }
  });
addRunOptions(runCommand);

/** Shard to run: `--shard`, else as the environment says; undefined for the whole suite. */
function wantedShard({ shard }: RunOptions): Shard | undefined {
  touchStatusFile(process.env);
  if (shard !== undefined) return shard.of === 1 ? undefined : shard;
  const found = shardOfEnvironment(process.env);
  if (found === undefined) return undefined;
  const { by, ...rest } = found;
  process.stderr.write(
    `shard ${rest.index} of ${rest.of}, as the environment says (${by}); --shard 1/1 runs the whole suite\n`,
  );
  return rest;
}

/** Runs cases as the options say. @returns the exit code */
export async function runCases(
  cases: readonly ChosenCase[],
  options: RunOptions,
  signal: AbortSignal,
): Promise<number> {
  const history = new RunHistory(options.out);
  const files = new FilesReporter(options.out, (done) => history.trend(done));
  const rerun = (result: CaseResult): string => rerunCommand(result, options);
  const journal = (result: CaseResult): string => `${files.folder}/${journalPath(result.id)}`;
  const { color } = options;
  const detail = options.quiet ? 'quiet' : options.verbose ? 'verbose' : 'normal';
  const choices = options.reporter ?? defaultReporters(process.env, detail !== 'normal');
  const folder = (): string | undefined =>
    files.folder === undefined ? undefined : path.resolve(files.folder);
  const others = await makeReporters({
    choices,
    detail,
    color,
    rerun,
    journal,
    folder,
    page: () => files.page,
  });
  const live = options.ui || options.uiStay ? [liveReporter(files, options, signal)] : [];
  const known = knownFileOf(options);
  const accept = exceptionOf(options, new Date());
  const times = options.timings === undefined ? {} : { times: timesOf(readReport(options.timings)) };
  const { capture, keepHeap } = options;
  const evidence = { folder: () => files.folder, keepHeap, ...(capture === 'never' ? {} : { capture }) };
  const report = await runSuite(
    dropUndefined({
      ...options,
      cases,
      signal,
      rerun,
      known,
      evidence,
      shard: wantedShard(options),
      stress: options.stressDuration,
      ...times,
    }),
    [files, ...others, ...live],
  );
  // the history is of whole runs
  if (report.shard === undefined) await history.keep(report);
  if (accept === undefined && !options.pruneKnown) return report.exitCode;
  return changeKnownAfter(report, options, accept);
}

/** Serves the run's page, and prints its address where no report is printed. */
function liveReporter(files: FilesReporter, options: RunOptions, signal: AbortSignal): LiveReporter {
  return new LiveReporter({
    parts: () => htmlParts(files.folder ?? options.out),
    rerun: (result) => rerunCommand(result, options),
    onUrl: (url) => process.stderr.write(`live view: ${url}\n`),
    ...(options.uiStay ? { stay: signal } : {}),
  });
}
