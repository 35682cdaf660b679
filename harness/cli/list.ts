import { Command } from '../../vendor/commander.ts';

import { bestFidelity } from '../faults/fidelity.ts';
import { plannedClock } from '../faults/kernel/kernel-clock.ts';
import { describeFault } from '../scenario/describe.ts';
import { select, type Selection, selectionOptions } from './selection.ts';

export const listCommand = new Command('list')
  .description(
    'Lists the cases with their faults, how real each fault is, and the sysctls that are set for it, without running anything.',
  )
  .argument('[paths...]', 'scenario files or folders')
  .option('--json', 'print the planned cases as JSON lines')
  .action((paths: string[], options: Selection & { json?: true }) => {
    const { chosen } = select(paths, options);
    const plans = chosen.map(({ plan }) => plan);
    for (const plan of plans) {
      if (options.json) {
        process.stdout.write(`${JSON.stringify(plan)}\n`);
        continue;
      }
      const faults = plan.faults.map((fault) => `  ${describeFault(fault)} (${bestFidelity(fault)})\n`);
      const clock = Object.entries(plannedClock(plan.faults)).map(([name, value]) => `${name}=${value}`);
      const sysctls = clock.length === 0 ? '' : `  sysctls, in its own network: ${clock.join(' ')}\n`;
      process.stdout.write(`${plan.id}\n${faults.join('')}${sysctls}`);
    }
    if (!options.json) process.stdout.write(`${plans.length} cases\n`);
  });
for (const option of selectionOptions()) listCommand.addOption(option);
