import { expect, test } from 'vitest';

import { isSpread } from './is-spread.ts';

test.each([
  ['a line', [0, 10, 20, 30, 40]],
  ['a line with one larger step', [0, 10, 20, 60, 70, 80]],
  ['a table that doubles', [0, 10, 30, 70, 150]],
])('%s has grown in more than one step', (_, series) => {
  expect(isSpread(series)).toBe(true);
});

test.each([
  ['nothing', []],
  ['one value', [5]],
  ['level memory', [5, 5, 5]],
  ['less than before', [9, 5, 3]],
  // a cluster of Node 26, as measured, KiB
  ['a heap that was made larger once', [32_498, 32_789, 32_886, 36_487, 36_594, 36_739]],
])('%s has not', (_, series) => {
  expect(isSpread(series)).toBe(false);
});
