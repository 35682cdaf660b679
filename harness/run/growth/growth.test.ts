import { expect, test } from 'vitest';

import type { Suspect } from '../../probe/protocol.ts';
import { grown } from '../testing/pipe-context.ts';
import { isEmptied, mayExpire } from './growth.ts';

const report = (...suspects: Suspect[]): { suspects: Suspect[]; took: number } => ({ suspects, took: 0 });
const table = (count: number): Suspect => grown(count, { resource: 'collection', fingerprint: 'table' });
const listener = (count: number): Suspect => grown(count, { resource: 'listener', fingerprint: 'listener' });
const timer = (count: number): Suspect => grown(count, { resource: 'timer', fingerprint: 'timer' });

test.each([
  ['tables grow alone', [table(20)], [table(40)], true],
  ['listeners have stopped growing', [table(20), listener(5)], [table(40), listener(5)], true],
  ['listeners grow too', [table(20), listener(5)], [table(40), listener(10)], false],
  ['a timer is there, which says itself when it ends', [table(20), timer(5)], [table(40), timer(5)], false],
])('%s: %#', (_, before, after, expected) => {
  expect(mayExpire(report(...before), report(...after))).toBe(expected);
});

test.each([
  ['most is gone', [table(40), listener(5)], [table(3)], true],
  ['a table is still half full', [table(40), listener(5)], [table(20)], false],
  ['something else has stayed', [table(40), listener(5)], [listener(5)], false],
])('what has grown has gone by then: %s', (_, before, after, expected) => {
  expect(isEmptied(report(...before), report(...after))).toBe(expected);
});
