import { Command } from '../../../shared/vendor/commander.ts';

import { safeJson } from '../../report/files/json.ts';
import { plainLine } from '../../report/plain-text.ts';
import { bestFidelity } from '../../faults/fidelity.ts';
import { plannedTimeouts } from '../../faults/kernel/tcp-timeouts.ts';
import { describeFault } from '../../scenario/describe/describe.ts';
import type { Case } from '../../scenario/case.ts';
import { applies } from '../../suite/applies.ts';
import { selectCases, type Selection } from '../../suite/select-cases.ts';
import { selectionOptions } from '../options/selection.ts';

export const listCommand = new Command('list')
  .description(
    'Lists the cases that apply to the target without running them: their faults, the fidelity of each, and the sysctls that are set for it.',
  )
  .argument(
    '[paths...]',
    'areas, scenario files or folders, such as `faults` or `scenarios/first.yaml` (default: all)',
  )
  .option('--json', 'print the planned cases as JSON lines')
  .action((paths: string[], options: Selection & { json?: true }) => {
    const chosen = selectCases(paths, options);
    const cases = chosen.filter(applies).map(({ testCase }) => testCase);
    for (const testCase of cases)
      process.stdout.write(options.json ? `${safeJson(testCase)}\n` : describeCase(testCase));
    if (options.json) return;
    const others = chosen.length - cases.length;
    const rest = others === 0 ? '' : `, ${others} ${others === 1 ? 'does' : 'do'} not apply to this target`;
    process.stdout.write(`${cases.length} cases${rest}\n`);
  });
for (const option of selectionOptions()) listCommand.addOption(option);

function describeCase({ id, faults: all }: Case): string {
  const faults = all.map((fault) => `  ${describeFault(fault)} (${bestFidelity(fault)})\n`);
  const clock = Object.entries(plannedTimeouts(all)).map(([name, value]) => `${name}=${value}`);
  const sysctls = clock.length === 0 ? '' : `  sysctls, in its own network: ${clock.join(' ')}\n`;
  return `${plainLine(id)}\n${faults.join('')}${sysctls}`;
}
