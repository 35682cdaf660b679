import { expect, test } from 'vitest';

import { connectionsOf, growsForCertain } from './memory.ts';

const LEAST = 96 * 1024;

const seen = (
  before: number,
  after: readonly number[],
  connections = 200,
): Parameters<typeof growsForCertain>[0] => ({
  memory: after.map((memory) => ({
    connections,
    memory,
    before,
    least: LEAST,
    leastEach: 4,
    kind: 'rss',
  })),
});

const line = (from: number, step: number, rounds: number): number[] =>
  Array.from({ length: rounds }, (_, index) => from + step * (index + 1));

test('what each connection keeps is a leak', () => {
  expect(growsForCertain(seen(9_000, line(9_000, 10_000, 10)))).toBe(true);
});

test('a clean Node relay that climbs for thousands of connections is none', () => {
  // as measured, 200 connections a round
  const climb = [13192, 18444, 23188, 25956, 30228, 31908, 33816, 34728, 37592, 44896, 47376, 51640, 51920];
  expect(growsForCertain(seen(8_772, climb))).toBe(false);
});

test.each([
  ['nothing was watched', seen(9_000, [])],
  ['one round', seen(9_000, [200_000])],
  ['a heap that was made larger once', seen(9_000, [120_000, 120_100, 120_200, 120_300, 120_400, 120_500])],
  ['a heap that was made larger once, late', seen(9_000, [9_300, 9_400, 120_000, 120_100, 120_200])],
  ['a sawtooth', seen(9_000, [60_000, 30_000, 80_000, 50_000, 110_000, 70_000, 130_000])],
  ['growth that ends', seen(9_000, [50_000, 80_000, 100_000, 110_000, 114_000, 116_000, 117_000])],
  ['less than 4 KiB a connection', seen(9_000, line(9_000, 500, 250))],
])('%s: no leak', (_, evidence) => {
  expect(growsForCertain(evidence)).toBe(false);
});

test('connections are those of the larger rounds', () => {
  expect(connectionsOf(seen(1, [2, 3]).memory)).toBe(400);
});
