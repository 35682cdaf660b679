import { expect, test } from 'vitest';

import { beginningWith, firstMismatch, patternAt } from './pattern.ts';

test('the first byte says where a connection begins, and the rest fits', () => {
  for (const byte of [0, 1, 17, 255]) {
    const beginning = beginningWith(byte);
    const sent = Buffer.concat([
      patternAt(beginning, 0, 60_000),
      patternAt(beginning, 60_000, 60_000),
      patternAt(beginning, 120_000, 9),
    ]);
    expect(sent[0]).toBe(byte);
    expect(firstMismatch(sent, beginningWith(sent[0] ?? -1), 0)).toBe(-1);
  }
});

test('bytes of another connection at the same offset do not fit', () => {
  const [own, others] = [beginningWith(2), beginningWith(4)];
  const received = Buffer.concat([patternAt(own, 0, 1000), patternAt(others, 1000, 1000)]);
  expect(firstMismatch(received, own, 0)).toBeGreaterThanOrEqual(1000);
  expect(firstMismatch(received, own, 0)).toBeLessThan(1010);
});

test('a piece that is lost or repeated shows where it is', () => {
  const beginning = beginningWith(3);
  const whole = patternAt(beginning, 0, 5000);
  const without = Buffer.concat([whole.subarray(0, 2000), whole.subarray(2001)]);
  expect(firstMismatch(without, beginning, 0)).toBeLessThan(2010);
  const twice = Buffer.concat([whole.subarray(0, 2000), whole.subarray(1000)]);
  expect(firstMismatch(twice, beginning, 0)).toBeLessThan(2010);
});
