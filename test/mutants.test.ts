import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { selectCases } from '../harness/suite/select-cases.ts';
import { loadMutants } from '../harness/mutants/mutant-file.ts';
import { casesOf } from '../harness/mutants/run-mutant.ts';

const mutants = loadMutants('scenarios/mutants');
const chosen = selectCases([], { root: 'scenarios', case: [], seed: 1 });
const scenarioNames = new Set(chosen.map(({ testCase }) => testCase.scenario));

test.each(mutants)('$id applies once to the present source, and names cases that there are', (mutant) => {
  for (const { file, find } of mutant.patch)
    expect(readFileSync(file, 'utf8').split(find).length - 1, `\`find\` in ${file}`).toBe(1);
  expect(casesOf(mutant, chosen, false)).not.toHaveLength(0);
});

/** Section of the proxy's page that names scenarios and mutants. */
const [, proof = ''] = readFileSync('docs/proxy.md', 'utf8').split('## Proof');

const namesIn = (text: string): string[] =>
  [...text.matchAll(/`([a-z\d/-]+)`/g)].flatMap(([, name]) => name ?? []);

test('the page of the proxy names scenarios that there are', () => {
  const scenarios = namesIn(proof).filter((name) => name.includes('/') && !name.startsWith('test/'));
  expect(scenarios.length).toBeGreaterThan(50);
  expect(scenarios.filter((name) => !scenarioNames.has(name))).toEqual([]);
});

test('the page of the proxy names every mutant once', () => {
  const lines = proof.split('\n').filter((line) => line.startsWith('- mutants: '));
  expect(lines.flatMap(namesIn).toSorted()).toEqual(mutants.map(({ id }) => id).toSorted());
});
