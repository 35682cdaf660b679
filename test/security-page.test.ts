import { existsSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

/** Rows of the page's tables: a promise, the file that shows it, and the name of the test where it is not the whole file. */
const rows = [
  ...readFileSync('docs/security.md', 'utf8').matchAll(/^\| (.+?) +\| `([^`]+)`(?:: (.+?))? +\|$/gm),
].map(([, promise = '', file = '', name]) => ({ promise, file, name }));

test('the page has its promises', () => {
  expect(rows.length).toBeGreaterThan(30);
});

test.each(rows)('$promise', ({ file, name }) => {
  expect(existsSync(file), file).toBe(true);
  if (name !== undefined) expect(readFileSync(file, 'utf8')).toContain(`'${name}'`);
});
