import { expect, test } from 'vitest';

import { casePattern, mayHold } from './case-pattern.ts';

test('brackets stand for themselves, a star for any text', () => {
  expect(casePattern('a/b[c=1]')('a/b[c=1]')).toBe(true);
  expect(casePattern('a/b[c=1]')('a/bc')).toBe(false);
  expect(casePattern('*[c=*]')('a/b[c=1]')).toBe(true);
});

test.each([
  { pattern: 'http/keep-alive', reads: ['http/keep-alive', 'http/keep-alive-said'] },
  { pattern: 'http/keep-alive[by=client]', reads: ['http/keep-alive', 'http/keep-alive-said'] },
  { pattern: 'http/k*', reads: ['http/keep-alive', 'http/keep-alive-said'] },
  { pattern: '*=client]', reads: ['faults/mixed', 'http/keep-alive', 'http/keep-alive-said'] },
])('files that are read for $pattern', ({ pattern, reads }) => {
  const all = ['faults/mixed', 'http/keep-alive', 'http/keep-alive-said'];
  expect(all.filter(mayHold([pattern]))).toEqual(reads);
});
