import { expect, test } from 'vitest';

import type { Suspect } from '../../probe/protocol.ts';
import { linesWithNames, withNames } from './resolve-names.ts';

function suspect(fingerprint: string, count: number, more: Partial<Suspect> = {}): Suspect {
  return { resource: 'collection', fingerprint, count, rule: 'growth', where: [], sample: '', ...more };
}

const where = [{ file: 'a.ts', line: 3, column: 1 }];

test('what had a number has its name, with its own count and words', () => {
  const first = { suspects: [suspect('timer a.ts:1:1', 2), suspect('collection #1', 20)], took: 1 };
  const later = {
    report: {
      suspects: [suspect('collection Map A.b', 60, { where, sample: 'from 0 to 60', path: 'A.b' })],
      took: 2,
    },
    names: { 'collection #1': [{ fingerprint: 'collection Map A.b', share: 1, sample: 'from 0 to 20' }] },
  };
  expect(withNames(first, later)).toEqual({
    suspects: [
      suspect('timer a.ts:1:1', 2),
      suspect('collection Map A.b', 20, { where, sample: 'from 0 to 20', path: 'A.b' }),
    ],
    took: 1,
  });
});

test('several of one name are added up, and one number may be several', () => {
  const first = { suspects: [suspect('#1', 10), suspect('#2', 30)], took: 1 };
  const later = {
    report: { suspects: [suspect('a', 90), suspect('b', 30)], took: 1 },
    names: {
      '#1': [{ fingerprint: 'a', share: 1 }],
      '#2': [
        { fingerprint: 'a', share: 2 / 3 },
        { fingerprint: 'b', share: 1 / 3 },
      ],
    },
  };
  expect(withNames(first, later).suspects.map(({ fingerprint, count }) => [fingerprint, count])).toEqual([
    ['a', 30],
    ['b', 10],
  ]);
});

test('what is not the program’s, and what a rule excuses, is left out; the rule is told', () => {
  const ignored = [{ name: 'cache', reason: 'has a bound', resource: 'collection', count: 9 } as const];
  const first = { suspects: [suspect('#1', 3), suspect('#2', 4)], took: 1 };
  const later = {
    report: { suspects: [], ignored, took: 1 },
    names: { '#1': [], '#2': [{ fingerprint: 'excused', share: 1 }] },
  };
  expect(withNames(first, later)).toEqual({ suspects: [], ignored, took: 1 });
});

test('where nothing was named the report is the same', () => {
  const first = { suspects: [suspect('#1', 3)], took: 1 };
  expect(withNames(first, { report: { suspects: [], took: 1 }, names: {} })).toBe(first);
});

test('the lines of a number go to all its names', () => {
  const lines = { '#1': where, 'listener x': [] };
  const names = {
    '#1': [
      { fingerprint: 'a', share: 0.5 },
      { fingerprint: 'b', share: 0.5 },
    ],
  };
  expect(linesWithNames(lines, names)).toEqual({ a: where, b: where, 'listener x': [] });
});
