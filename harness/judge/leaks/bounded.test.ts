import { expect, test } from 'vitest';

import type { Suspect } from '../../probe/protocol.ts';
import { isBounded } from './bounded.ts';
import { aSuspect } from '../testing/hand-built-journal.ts';

const of = (count: number): Suspect => aSuspect({ rule: 'growth', fingerprint: 'f', count });

/** Judges growth after three rounds of 20 connections and larger rounds of 200. */
const bounded = (confirmed: number, ...larger: number[]): boolean =>
  isBounded('f', confirmed, {
    case: { connections: { count: 20 } },
    confirmingRounds: 2,
    enlarged: larger.map((count) => ({ connections: 200, report: { suspects: [of(count)], took: 1 } })),
  });

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
