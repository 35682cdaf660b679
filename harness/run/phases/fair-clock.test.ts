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
  expect(clock.left).toBeLessThan(10_000);
});

test('the limit passes on any machine: at most four fifths of the time are put down to starvation', async () => {
  const start = performance.now();
  const clock = new FairClock(start, 100, [process.pid, process.ppid]);
  while (clock.left > 0) await delay(5);
  expect(clock.passed).toBeGreaterThanOrEqual(100);
});

test('a process that is gone starves nobody', () => {
  const clock = new FairClock(performance.now() - 50, 100, [2 ** 30]);
  expect(clock.passed).toBeGreaterThanOrEqual(50);
});
