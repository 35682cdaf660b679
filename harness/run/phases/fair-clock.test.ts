import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { FairClock } from './fair-clock.ts';

test('time passes, but not while the heap is walked', async () => {
  const clock = new FairClock(performance.now(), 10_000, [process.pid]);
  const walked = await clock.walk(async () => {
    await delay(150);
    return 'walked';
  });
  expect(walked).toBe('walked');
  expect(clock.passed).toBeLessThan(100);
  await delay(150);
  // a busy machine may take its share, never more
  expect(clock.passed).toBeGreaterThan(0);
  expect(clock.remaining).toBeLessThan(10_000);
});

/** A clock with a limit of 100 ms that began so long ago; its process has been starved since by this much, ms. */
function clockSince(ago: number, starved: number): FairClock {
  let reads = 0;
  return new FairClock(performance.now() - ago, 100, [1], () => (reads++ === 0 ? 0 : starved));
}

test('starvation does not count against the limit', () => {
  expect(clockSince(150, 0).remaining).toBeLessThanOrEqual(-50);
  expect(clockSince(150, 120).remaining).toBeGreaterThan(0);
});

test('the limit passes on any machine: at most four times the limit is excused as starvation', () => {
  expect(clockSince(420, 60_000).remaining).toBeGreaterThan(0);
  expect(clockSince(500, 60_000).remaining).toBeLessThanOrEqual(0);
});

test('a process that is gone starves nobody', () => {
  const clock = new FairClock(performance.now() - 50, 100, [2 ** 30]);
  expect(clock.passed).toBeGreaterThanOrEqual(50);
});
