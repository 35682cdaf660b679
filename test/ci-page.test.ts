import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { REPORTER_NAMES } from '../harness/cli/reporters/choice.ts';
import { HOOKS } from '../harness/cli/reporters/own-reporter.ts';
import { FINDING_GUIDE } from '../harness/report/guide/finding-guide.ts';
import { FINDING_KINDS, LEAK_RESOURCES } from '../harness/resource.ts';

const page = readFileSync('docs/ci.md', 'utf8');

test('the page has a row for each reporter, and for nothing else', () => {
  const rows = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
  expect(rows.toSorted()).toEqual(REPORTER_NAMES.toSorted());
});

test('the page names each hook', () => {
  for (const hook of HOOKS) expect(page).toContain(`\`${hook}`);
});

test('there is a guide for each kind of finding', () => {
  const others = FINDING_KINDS.filter((kind) => kind !== 'leak' && kind !== 'invariant');
  const rules = [...LEAK_RESOURCES.map((resource) => `leak/${resource}`), ...others];
  expect(rules.filter((rule) => !Object.hasOwn(FINDING_GUIDE, rule))).toEqual([]);
  for (const texts of Object.values(FINDING_GUIDE))
    for (const text of Object.values(texts)) expect(text).toMatch(/^[^\n]{10,}$/);
});
