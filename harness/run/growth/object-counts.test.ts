import { expect, test } from 'vitest';

import { grown } from '../testing/pipe-context.ts';
import { ObjectCounts } from './object-counts.ts';

/** Rounds of ten connections in which objects grow until the hour has passed, or for ever; gives the round that told, and the hours. */
async function count({
  isEmptied,
  canPass,
}: {
  isEmptied: boolean;
  canPass: boolean;
}): Promise<{ toldAfter: number | undefined; hours: number }> {
  let hours = 0;
  const observer = {
    objects: () =>
      Promise.resolve({
        suspects: isEmptied && hours > 0 ? [] : [grown(10, { resource: 'memory' })],
        took: 0,
      }),
  };
  const counts = new ObjectCounts(observer, 0, () => {
    hours++;
    return Promise.resolve(canPass);
  });
  const { signal } = new AbortController();
  for (let round = 1; round <= 30 && counts.isWanted; round++) {
    if ((await counts.after(round, 10, signal)) !== undefined) return { toldAfter: round, hours };
  }
  return { toldAfter: undefined, hours };
}

test('objects that go on growing after an hour are told, and no second hour is waited for', async () => {
  expect(await count({ isEmptied: false, canPass: true })).toEqual({ toldAfter: 15, hours: 1 });
});

test('objects that time frees are not', async () => {
  expect(await count({ isEmptied: true, canPass: true })).toEqual({ toldAfter: undefined, hours: 1 });
});

test('where no hour can pass, the growth so far tells', async () => {
  expect(await count({ isEmptied: false, canPass: false })).toEqual({ toldAfter: 12, hours: 1 });
});
