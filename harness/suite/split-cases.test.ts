import { expect, test } from 'vitest';

import { timesOf } from '../gate/stored-report.ts';
import { aResult } from '../report/testing/sample-run.ts';
import { longestFirst, planHash, splitCases } from './split-cases.ts';

const ids = Array.from({ length: 100 }, (_, index) => `area/case-${index}`);

test('without times the hash of an id decides, and stays when other cases come', () => {
  const plan = splitCases(ids, 4);
  const fewer = splitCases(ids.slice(0, 50), 4);
  for (const [id, shard] of fewer) expect(plan.get(id)).toBe(shard);
  const sizes = [1, 2, 3, 4].map((shard) => [...plan.values()].filter((one) => one === shard).length);
  for (const size of sizes) expect(size).toBeGreaterThan(10);
});

test('with times the shards get equal sums, however long the cases are', () => {
  const times = new Map(ids.map((id, index) => [id, 1000 / (index + 1)]));
  const plan = splitCases(ids, 4, times);
  const sums = [1, 2, 3, 4].map((shard) =>
    [...plan].reduce((sum, [id, one]) => sum + (one === shard ? (times.get(id) ?? 0) : 0), 0),
  );
  // by count the first shard would have three times the work of the last
  expect(Math.max(...sums) / Math.min(...sums)).toBeLessThan(1.2);
});

test('a case without a time counts as the median', () => {
  const times = new Map([
    ['a', 1],
    ['b', 50],
    ['c', 100],
  ]);
  expect(longestFirst(['a', 'b', 'c', 'new'], times)).toEqual(['c', 'b', 'new', 'a']);
});

test('the hash of a plan tells other cuts and other targets', () => {
  const targets = new Map(ids.map((id) => [id, 'proxy']));
  const plan = splitCases(ids, 4);
  expect(planHash(plan, targets)).toBe(planHash(splitCases(ids.toReversed(), 4), targets));
  expect(planHash(splitCases(ids, 3), targets)).not.toBe(planHash(plan, targets));
  expect(planHash(plan, new Map([...targets, ['area/case-0', 'mine.yaml']]))).not.toBe(
    planHash(plan, targets),
  );
});

test('shards that are cut by the times of a run with unequal load are cut the same again', () => {
  const alone = new Map(ids.map((id, index) => [id, 500 + 100 * index]));
  const plan = splitCases(ids, 4, alone);
  // the first machine is overloaded: everything takes three times as long there
  const results = ids.map((id) => {
    const time = alone.get(id) ?? 0;
    return plan.get(id) === 1
      ? aResult({ id, took: 3 * time, starved: 2 * time })
      : aResult({ id, took: time });
  });
  expect(splitCases(ids, 4, timesOf({ results }))).toEqual(plan);
  // by wall time alone, cases would move
  const wall = new Map(results.map(({ id, took }) => [id, took]));
  expect(splitCases(ids, 4, wall)).not.toEqual(plan);
});
