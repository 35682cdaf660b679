import { existsSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { select } from '../harness/cli/selection.ts';
import { loadMutants } from '../harness/mutants/mutant-file.ts';
import { casesOf } from '../harness/mutants/run-mutant.ts';

const mutants = loadMutants('scenarios/mutants');
const { cases } = select([], { root: 'scenarios', case: [], seed: 1 });

test.each(mutants)('$id applies once to the present source, and names cases that there are', (mutant) => {
  for (const { file, find } of mutant.patch)
    expect(readFileSync(file, 'utf8').split(find).length - 1, `\`find\` in ${file}`).toBe(1);
  expect(casesOf(mutant, cases, false)).not.toHaveLength(0);
});

/** The names in the lines of a kind, in the section of the proxy's page that says what proves it. */
function named(kind: 'scenarios' | 'mutants'): string[] {
  const [, section = ''] = readFileSync('docs/proxy.md', 'utf8').split('## What proves it');
  const lines = section.split('\n').filter((line) => line.startsWith(`- ${kind}: `));
  return lines.flatMap((line) => [...line.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? []));
}

test('the page of the proxy names scenarios that there are', () => {
  expect(named('scenarios').length).toBeGreaterThan(50);
  expect(named('scenarios').filter((name) => !existsSync(`scenarios/${name}.yaml`))).toEqual([]);
});

test('the page of the proxy names every mutant once', () => {
  expect(named('mutants').toSorted()).toEqual(mutants.map(({ id }) => id).toSorted());
});
