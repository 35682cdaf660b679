import { expect, test } from 'vitest';

import type { Case, ClientGroup } from '../../scenario/case.ts';
import { enlarged } from './larger-round.ts';

const aCase = (count: number, clients?: ClientGroup[]): Case =>
  ({ connections: { count, concurrent: count }, ...(clients === undefined ? {} : { clients }) }) as Case;
const group = (count: number): ClientGroup => ({ count, concurrent: count, script: [] });

test.each([
  [20, 200],
  [3, 30],
  [100, 200],
  [500, 500],
])('%i connections become %i, all at once', (count, larger) => {
  expect(enlarged(aCase(count)).connections).toEqual({ count: larger, concurrent: larger });
});

test('connections that come one after another do so in a larger round, too', () => {
  const inTurn = { ...aCase(20), connections: { count: 20, concurrent: 1 } };
  expect(enlarged(inTurn).connections).toEqual({ count: 200, concurrent: 1 });
});

test.each([
  [[20], [200]],
  [
    [1, 19],
    [10, 190],
  ],
  [
    [50, 50],
    [100, 100],
  ],
  [
    [1, 499],
    [1, 499],
  ],
])('groups of %j clients become %j, and the sum says what is made', (counts, larger) => {
  const sum = counts.reduce((all, count) => all + count, 0);
  const { clients = [], connections } = enlarged(aCase(sum, counts.map(group)));
  expect(clients.map(({ count, concurrent }) => [count, concurrent])).toEqual(
    larger.map((count) => [count, count]),
  );
  expect(connections.count).toBe(larger.reduce((all, count) => all + count, 0));
});
