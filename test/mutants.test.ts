import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { selectCases } from '../harness/suite/select-cases.ts';
import { loadMutants } from '../harness/mutants/mutant-file.ts';
import { PART_NAMES } from '../harness/mutants/parts.ts';
import { casesOf } from '../harness/mutants/run-mutant.ts';

const mutants = loadMutants('scenarios/mutants');
const chosen = selectCases([], { root: 'scenarios', case: [], seed: 1 });
const scenarioNames = new Set(chosen.map(({ testCase }) => testCase.scenario));

test.each(mutants)('$id applies once to the present source, and names cases that there are', (mutant) => {
  for (const { file, find } of mutant.patch)
    expect(readFileSync(file, 'utf8').split(find).length - 1, `\`find\` in ${file}`).toBe(1);
  expect(casesOf(mutant, chosen, false)).not.toHaveLength(0);
});

/** Section of the proxy's page that names scenarios. */
const [, proof = ''] = readFileSync('docs/proxy.md', 'utf8').split('## Proof');

test('the page of the proxy names scenarios that there are', () => {
  const names = [...proof.matchAll(/`([a-z\d-]+\/[a-z\d-]+)`/g)].flatMap(([, name]) => name ?? []);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !scenarioNames.has(name))).toEqual([]);
});

/** Page of the mutants, which `docs/generate.js --check` compares with their files. */
const page = readFileSync('docs/generated/proof.md', 'utf8');

test('the page of the mutants names each of them once, with its cases', () => {
  const lines = page.split('\n').filter((line) => line.includes(' Found by '));
  expect(lines.flatMap((line) => /^- `([^`]+)`:/.exec(line)?.[1] ?? []).toSorted()).toEqual(
    mutants.map(({ id }) => id).toSorted(),
  );
  for (const { id, cases } of mutants)
    for (const one of cases)
      expect(lines.find((line) => line.startsWith(`- \`${id}\``))).toContain(`\`${one}\``);
});

test('each part of the proxy has a mutant', () => {
  expect([...new Set(mutants.map(({ part }) => part))].toSorted()).toEqual(PART_NAMES.toSorted());
});

test('README counts the mutants that there are', () => {
  const counted = readFileSync('README.md', 'utf8').matchAll(
    /(\d+) (?:mutants|copies of the reference proxy)/g,
  );
  expect([...counted].map(([, count]) => Number(count))).toEqual([mutants.length, mutants.length]);
});
