import { expect, test } from 'vitest';

import type { Suspect } from '../../probe/protocol.ts';
import { growsByTime, isBounded } from './bounded.ts';
import { aSuspect } from '../testing/hand-built-journal.ts';

const of = (count: number): Suspect => aSuspect({ rule: 'growth', fingerprint: 'f', count });

/** Evidence of three rounds of 20 connections and larger rounds of 200. */
const rounds = (larger: readonly number[]): Parameters<typeof isBounded>[2] => ({
  case: { connections: { count: 20 } },
  confirmingRounds: 2,
  enlarged: larger.map((count, index) => ({
    round: 4 + index,
    connections: 200,
    report: { suspects: [of(count)], took: 1 },
  })),
});

const bounded = (confirmed: number, ...larger: number[]): boolean =>
  isBounded('f', confirmed, rounds(larger));

test.each<[string, boolean, number[]]>([
  ['one a connection', false, [60, 260, 460, 660]],
  ['one for each tenth connection', false, [6, 27, 44, 66]],
  ['a cache of 64', true, [60, 64, 64]],
  ['a cache of 500', true, [60, 260, 460, 500, 500]],
  // measured on a pool of buffers, which grows to the peak concurrency
  ['a pool, before all its users have met', false, [8, 78, 94, 113]],
  ['another', false, [13, 84, 86, 165]],
  ['a pool, once they have', true, [13, 84, 86, 165, 165, 181, 185, 185, 188]],
  ['one for each twentieth connection, as long', false, [3, 12, 24, 31, 42, 51, 63, 70, 82]],
])('%s: %s', (_, expected, [confirmed = 0, ...larger]) => {
  expect(bounded(confirmed, ...larger)).toBe(expected);
});

test.each([
  ['nearly all has gone', true, 5],
  ['nothing has gone', false, 60],
])('an hour after a target has refused larger rounds, %s: %s', (_, expected, count) => {
  const hour = { round: 6, connections: 0, report: { suspects: [of(count)], took: 1 } };
  expect(isBounded('f', 60, { ...rounds([]), enlarged: [hour] })).toBe(expected);
  expect(growsByTime('f', 6, { ...rounds([]), enlarged: [hour] })).toBe(false);
});

test.each<[string, boolean, number[]]>([
  // one or two keys a round, whatever its size
  ['a table by the second', true, [4, 5, 7, 8, 10, 11, 12, 14, 15, 17, 18, 19, 21, 22, 24]],
  ['one a connection', false, [60, 260, 460, 660]],
  ['one for each twentieth connection', false, [3, 12, 24, 31, 42, 51, 63, 70, 82]],
  ['one for each fiftieth', false, [2, 5, 9, 14, 17, 22, 25, 30, 33]],
  ['a cache of 64', false, [60, 64, 64]],
])('%s grows by time: %s', (_, expected, [confirmed = 0, ...larger]) => {
  expect(growsByTime('f', confirmed, rounds(larger))).toBe(expected);
});
