import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { abilityRows } from './abilities.ts';

/** A row of a table without the padding that the formatter gives it. */
const squeezed = (row: string): string => row.replace(/\s+/g, ' ');

test('docs/lab.md has a row for each thing that a case can need of the machine', () => {
  const page = readFileSync('docs/lab.md', 'utf8').split('\n').map(squeezed);
  expect(abilityRows().filter((row) => !page.includes(squeezed(row)))).toEqual([]);
});
