import { expect, test } from 'vitest';

import { repositoryPath } from './repository-path.ts';

const roots = { cwd: '/repo/packages/proxy', root: '/repo' };

test.each([
  ['src/a.ts', 'packages/proxy/src/a.ts'],
  ['../other/a.ts', 'packages/other/a.ts'],
  ['/repo/a.ts', 'a.ts'],
  ['file:///repo/a%20b.ts', 'a b.ts'],
  ['..a/b.ts', 'packages/proxy/..a/b.ts'],
  ['../../../etc/passwd', undefined],
  ['/repository/a.ts', undefined],
  ['/repo', undefined],
  ['node:net', undefined],
  ['file://host/a', undefined],
  ['', undefined],
])('%j is %j', (file, expected) => {
  expect(repositoryPath(file, roots)).toBe(expected);
});
