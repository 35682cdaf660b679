import { Command } from '../../../shared/vendor/commander.ts';

import { journalPath } from '../../journal/file.ts';
import type { CaseResult } from '../../judge/verdict.ts';
import { FilesReporter } from '../../report/files/write-reports.ts';
import { runSuite } from '../../suite/run-suite.ts';
import { DEFAULT_TARGET, runsOnShippedTargets, selectCases } from '../../suite/select-cases.ts';
import type { ChosenCase } from '../../suite/chosen-case.ts';
import { lastFailed } from '../options/last-failed.ts';
import { makeReporters } from '../options/reporters.ts';
import { rerunCommand } from '../options/rerun-command.ts';
import { addRunOptions, type RunOptions } from '../options/run-options.ts';
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
      process.exitCode = await run(chosen, options, interruption.signal);
    } finally {
      interruption.dispose();
    }
  });
addRunOptions(runCommand);

async function run(cases: readonly ChosenCase[], options: RunOptions, signal: AbortSignal): Promise<number> {
  const files = new FilesReporter(options.out);
  const rerun = (result: CaseResult): string => rerunCommand(result, options);
  const journal = (result: CaseResult): string => `${files.folder}/${journalPath(result.id)}`;
  const { reporter: names = ['terminal'], color } = options;
  const detail = options.quiet ? 'quiet' : options.verbose ? 'verbose' : 'normal';
  const others = makeReporters({ names, detail, color, rerun, journal });
  const { capture, keepHeap } = options;
  const evidence = { folder: () => files.folder, keepHeap, ...(capture === 'never' ? {} : { capture }) };
  const report = await runSuite({ ...options, cases, signal, rerun, evidence }, [files, ...others]);
  return report.exitCode;
}
