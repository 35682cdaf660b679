import path from 'node:path';

import { loadMutants, type Mutant } from '../harness/mutants/mutant-file.ts';
import { PART_NAMES, PARTS } from '../harness/mutants/parts.ts';
import { casesOf } from '../harness/mutants/run-mutant.ts';
import { selectCases } from '../harness/suite/select-cases.ts';
import { PACKAGE_ROOT } from '../shared/package-root.ts';

/** Page of the mutants: for each part of the reference proxy the mistakes in it, and the case and finding that give each away. */
export function proofPage(): string {
  const root = path.join(PACKAGE_ROOT, 'scenarios');
  const mutants = loadMutants(path.join(root, 'mutants'));
  const sections = PART_NAMES.map((part) => {
    const lines = mutants.filter((one) => one.part === part).map(lineOf);
    return `## ${PARTS[part]}\n\n${lines.join('\n')}\n`;
  });
  return [head(mutants.length), ...sections, unproven(root, mutants)].join('\n');
}

const head = (count: number): string => `# What proves the reference proxy

Generated from \`scenarios/mutants\`: do not edit. Each of the ${count} mutants is a copy of the reference proxy with one mistake. \`npm run chaos:mutants\` runs
its cases and asks for the [finding](../findings.md) that must name the mistake; \`npm run chaos:mutants -- NAME\` hunts one of them.
`;

function lineOf({ id, about, cases, expect }: Mutant): string {
  const { kind, resource, where, says } = expect;
  const finding = [
    `\`${kind}\``,
    ...(resource === undefined ? [] : [`of \`${resource}\``]),
    ...(says === undefined ? [] : [`that says “${says}”`]),
    ...(where === undefined ? [] : [`at \`${where}\``]),
  ].join(' ');
  return `- \`${id}\`: ${about.trim()} Found by ${cases.map((one) => `\`${one}\``).join(', ')} as ${finding}.`;
}

/** Scenarios of the contract without a mutant: they pass on the reference proxy, but no mistake shows that they can fail. */
function unproven(root: string, mutants: readonly Mutant[]): string {
  const chosen = selectCases([], { root, case: [], seed: 1 });
  const named = new Set(
    mutants.flatMap((one) => casesOf(one, chosen, false)).map(({ testCase }) => testCase.scenario),
  );
  const promises = chosen.filter(({ testCase }) => testCase.kind === 'contract');
  const others = new Set(
    promises.map(({ testCase }) => testCase.scenario).filter((name) => !named.has(name)),
  );
  const list = [...others]
    .toSorted()
    .map((name) => `\`${name}\``)
    .join(', ');
  return `## Promises without a mutant

These scenarios of the contract pass on the reference proxy, and no mutant names them, so nothing here shows that they can fail: ${list}.
`;
}
