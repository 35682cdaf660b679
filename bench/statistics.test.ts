import { expect, test } from 'vitest';

import { median, pairs, percentile, summarize } from './statistics.ts';

test('the median is the middle, or between the two in the middle, in any order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

test('percentiles of a sorted list', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  expect(percentile(hundred, 0.5)).toBe(51);
  expect(percentile(hundred, 0.99)).toBe(100);
  expect(percentile(hundred, 1)).toBe(100);
  expect(percentile([], 0.5)).toBeNaN();
});

test('pairs are compared round by round; a round that one has not done is no pair', () => {
  const ratio = (a: number, b: number): number => a / b;
  expect(pairs([10, 30], [20, 30], ratio)).toEqual([0.5, 1]);
  expect(pairs([10, 30, 50], [20], ratio)).toEqual([0.5]);
  expect(pairs([], [20], ratio)).toEqual([]);
});

test('a summary has the middle and both ends', () => {
  expect(summarize([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
});
