import { expect, test } from 'vitest';

import { Explained } from './explained.ts';

test('two cases are run again for one finding', () => {
  const told = new Explained();
  expect([1, 2, 3].map(() => told.begin(['seen client reset']))).toEqual([true, true, false]);
  expect(told.begin(['seen client reset', 'step open'])).toBe(true);
  expect(told.begin([])).toBe(false);
});

test('a run in which everything fails is not twice as long', () => {
  const told = new Explained();
  const begun = Array.from({ length: 100 }, (_, index) => told.begin([`step ${index}`]));
  expect(begun.filter(Boolean)).toHaveLength(12);
});
