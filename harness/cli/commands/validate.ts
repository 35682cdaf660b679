import { Command } from '../../../shared/vendor/commander.ts';

import { selectCases, type Selection } from '../../suite/select-cases.ts';
import { selectionOptions } from '../options/selection.ts';

export const validateCommand = new Command('validate')
  .description('Checks scenario files without running them; every problem comes with file:line:column.')
  .argument('[paths...]', 'scenario files or folders')
  .action((paths: string[], options: Selection) => {
    const cases = selectCases(paths, options).map(({ testCase }) => testCase);
    const scenarios = new Set(cases.map(({ scenario }) => scenario));
    process.stdout.write(`${scenarios.size} scenarios, ${cases.length} cases: all valid\n`);
  });
for (const option of selectionOptions()) validateCommand.addOption(option);
