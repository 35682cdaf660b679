import { Command } from '../../../shared/vendor/commander.ts';

import { safeJson } from '../../report/files/json.ts';
import { plainLine } from '../../report/plain-text.ts';
import type { NotApplicable } from '../../run/admission/admissions.ts';
import { bestFidelity } from '../../faults/fidelity.ts';
import { plannedTimeouts } from '../../faults/kernel/tcp-timeouts.ts';
import { describeFault } from '../../scenario/describe/describe.ts';
import type { Case } from '../../scenario/case.ts';
import { whyNotApplicable } from '../../suite/applies.ts';
import { outsideOf } from '../../suite/not-applicable.ts';
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
    const judged = chosen.map((one) => ({ ...one, whyNot: whyNotApplicable(one) }));
    const cases = judged.filter(({ whyNot }) => whyNot === undefined).map(({ testCase }) => testCase);
    for (const testCase of cases)
      process.stdout.write(options.json ? `${safeJson(testCase)}\n` : describeCase(testCase));
    if (options.json) return;
    process.stdout.write(`${cases.length} cases${rest(judged.flatMap(({ whyNot }) => whyNot ?? []))}\n`);
  });
for (const option of selectionOptions()) listCommand.addOption(option);

/** Words on the cases that do not apply, with their reasons. */
function rest(notApplicable: readonly NotApplicable[]): string {
  const others = notApplicable.length;
  if (others === 0) return '';
  const { reasons } = outsideOf(notApplicable).notApplicable;
  const why = reasons.map(({ reason, cases }) => `${cases} ${plainLine(reason)}`).join(', ');
  return `, ${others} ${others === 1 ? 'does' : 'do'} not apply to this target: ${why}`;
}

function describeCase({ id, faults: all }: Case): string {
  const faults = all.map((fault) => `  ${describeFault(fault)} (${bestFidelity(fault)})\n`);
  const clock = Object.entries(plannedTimeouts(all)).map(([name, value]) => `${name}=${value}`);
  const sysctls = clock.length === 0 ? '' : `  sysctls, in its own network: ${clock.join(' ')}\n`;
  return `${plainLine(id)}\n${faults.join('')}${sysctls}`;
}
