import { Command } from '../../../shared/vendor/commander.ts';

import { exitCode } from '../../report/exit-code.ts';
import { readJournal } from '../../journal/file.ts';
import { TerminalReporter } from '../../report/terminal/terminal.ts';
import { judge } from '../../judge/judge.ts';
import type { CaseResult } from '../../judge/verdict.ts';
import { rerunCommand } from '../options/rerun-command.ts';

export const judgeCommand = new Command('judge')
  .description('Judges stored journals again: no network, no target, the same result.')
  .argument('<journals...>', 'files such as reports/latest/journal/*.jsonl')
  .option('--no-color', 'print without colours, whatever the terminal and FORCE_COLOR say')
  .action(async (files: string[], { color }: { color: boolean }) => {
    const terminal = new TerminalReporter({
      detail: 'verbose',
      ...(color ? {} : { color }),
      rerun: (result) => rerunCommand(result, { seed: result.seed }),
    });
    const results: CaseResult[] = [];
    for (const file of files) {
      const result = judge(await readJournal(file));
      results.push(result);
      terminal.onCaseEnd(result);
    }
    process.exitCode = exitCode(results);
  });
