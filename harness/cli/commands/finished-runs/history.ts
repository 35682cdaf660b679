import { Command } from '../../../../shared/vendor/commander.ts';
import { historyFile, readHistory } from '../../../gate/history.ts';
import { historyInWords } from '../../../gate/history-text.ts';
import { safeJson } from '../../../report/files/json.ts';
import { positiveInteger } from '../../options/selection.ts';

export const historyCommand = new Command('history')
  .description('Prints how the runs of a reports folder went: verdicts, drains, memory and times by commit.')
  .option('--out <folder>', 'reports folder', 'reports')
  .option('--last <n>', 'print this many runs', positiveInteger, 20)
  .option('--json', 'print the runs as JSON lines')
  .action(({ out, last, json }: { out: string; last: number; json?: true }) => {
    const file = historyFile(out);
    const runs = readHistory(file).slice(-last);
    if (json) process.stdout.write(runs.map((one) => `${safeJson(one)}\n`).join(''));
    else if (runs.length === 0) process.stdout.write(`no run is in ${file} yet\n`);
    else process.stdout.write(`${historyInWords(runs).join('\n')}\n`);
  });
