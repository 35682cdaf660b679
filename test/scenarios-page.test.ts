import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';

import { loadScenarios } from '../harness/scenario/load/load-scenarios.ts';
import { parseScenario } from '../harness/scenario/load/parse-scenario.ts';
import { tryPlanCases } from '../harness/scenario/load/plan-cases.ts';
import { targetLookup } from '../harness/targets/file/target-file.ts';

const page = readFileSync('docs/scenarios.md', 'utf8');
const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(({ 1: text = '', index }) => ({
  line: page.slice(0, index).split('\n').length,
  text,
}));

/** A part of a scenario, completed to one that says nothing else. */
function whole(part: Record<string, unknown>): string {
  const scripts = 'client' in part || 'clients' in part ? {} : { client: ['open'] };
  return stringify({ about: 'An example of the page.', ...scripts, ...part });
}

function problemsOf(text: string): string[] {
  const { scenario, problems } = parseScenario('faults/example', 'docs/scenarios.md', text);
  const found = scenario === undefined ? problems : tryPlanCases(scenario).problems;
  return found.map(({ message }) => message);
}

test.each(blocks)('the example in line $line is a sound part of a scenario', ({ text }) => {
  expect(problemsOf(whole(parse(text) as Record<string, unknown>))).toEqual([]);
});

test('an example that is no scenario would be noticed', () => {
  expect(blocks.length).toBeGreaterThan(40);
  expect(problemsOf(whole({ client: ['open', { sned: 1 }] }))).not.toEqual([]);
});

describe('faults and steps of the shipped suite', () => {
  const cases = loadScenarios([], { root: 'scenarios', targets: targetLookup({ root: 'scenarios' }) });
  const faults = [...new Set(cases.flatMap((one) => one.faults.map(({ kind }) => kind)))];

  test.each(faults)('the fault `%s` is on the page', (kind) => {
    expect(page).toMatch(new RegExp(`fault: ${kind}\\b|\`${kind}\``));
  });
});
