import { Command } from '../../../../shared/vendor/commander.ts';
import { diffReports } from '../../../gate/diff-reports.ts';
import { diffInWords } from '../../../gate/diff-text.ts';
import { readReport } from '../../../gate/stored-report.ts';
import { safeJson } from '../../../report/files/json.ts';

export const diffCommand = new Command('diff')
  .description(
    'Compares two runs: findings that are new or gone, cases that are slower, flaky or skipped now. Exit code 1 where a finding is new.',
  )
  .argument('<before>', "a run's folder, its report.json, or a reports folder")
  .argument('<after>', 'the run to compare with it')
  .option('--json', 'print the difference as JSON')
  .action((before: string, after: string, { json }: { json?: true }) => {
    const diff = diffReports(readReport(before), readReport(after));
    process.stdout.write(json ? `${safeJson(diff, 2)}\n` : `${diffInWords(diff).join('\n')}\n`);
    process.exitCode = diff.new.length > 0 ? 1 : 0;
  });
