import path from 'node:path';

import { fidelityOn } from '../faults/fidelity.ts';
import { familyOfFault } from '../faults/ways.ts';
import { tally } from '../judge/tally.ts';
import type { Machine } from '../lab/machine.ts';
import { PACKAGE_ROOT } from '../../shared/package-root.ts';
import { type Admitted, admitAll } from '../run/admission/admissions.ts';
import { onTarget } from '../suite/on-target.ts';
import { selectCases } from '../suite/select-cases.ts';
import { VERSION } from '../../shared/version.ts';

/** Tells how many cases of the shipped suite run on a machine, simulated ones apart, and how many are skipped for which lack. */
export function costOnMachine(machine: Machine): string {
  const root = path.join(PACKAGE_ROOT, 'scenarios');
  const chosen = selectCases([], { root, asWritten: true }).map(onTarget);
  const mode = machine.namespace === undefined ? 'auto' : 'none';
  const { admitted, skipped } = admitAll(chosen, { mode, machine, lastfin: VERSION, requireAll: false });
  const simulated = admitted.filter((one) => isSimulated(one, machine)).length;
  const wants = [...tally(skipped.map(({ want }) => want?.what ?? 'something else'))];
  const lines = [
    `the shipped suite: ${admitted.length} of ${admitted.length + skipped.length} cases run here` +
      (simulated === 0 ? '' : `, ${simulated} of them with a simulated fault`),
    ...wants.map(
      ([what, cases]) => `  ${cases} ${cases === 1 ? 'case is' : 'cases are'} skipped for want of ${what}`,
    ),
  ];
  return lines.join('\n');
}

function isSimulated({ testCase, network }: Admitted, { lacks }: Machine): boolean {
  return testCase.faults.some(
    (fault) => fidelityOn({ network, lacks }, fault, familyOfFault(fault, testCase)) === 'simulated',
  );
}
