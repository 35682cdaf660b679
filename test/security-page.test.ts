import { existsSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

/** Items of the page: a promise, the file that shows it, and the name of the test where it is not the whole file. */
const page = readFileSync('docs/security.md', 'utf8');
const promises = [...page.matchAll(/^- \*\*(.+)\*\*\n  `([^`]+)`(?:: (.+))?$/gm)].map(
  ([, promise = '', file = '', name]) => ({ promise, file, name }),
);

test('the page has its promises, each with what shows it', () => {
  expect(promises.length).toBeGreaterThan(30);
  expect(promises).toHaveLength(page.match(/^- /gm)?.length ?? 0);
});

test.each(promises)('$promise', ({ file, name }) => {
  expect(existsSync(file), file).toBe(true);
  if (name !== undefined) expect(readFileSync(file, 'utf8')).toContain(`'${name}'`);
});
