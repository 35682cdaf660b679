import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { Stopwatch } from '../../shared/testing/stopwatch.ts';
import { AcceptRoom } from './accept-room.ts';

const { signal } = new AbortController();

test('no more connect at once than every accept queue has room for', async () => {
  let accepted = 0;
  let entered = 0;
  let most = 0;
  const room = new AcceptRoom(() => entered - accepted);
  const accepting = setInterval(() => {
    if (accepted < entered) accepted++;
  }, 1);
  try {
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        const established = await room.enter(signal);
        established();
        entered++;
        most = Math.max(most, entered - accepted);
      }),
    );
  } finally {
    clearInterval(accepting);
  }
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(4);
});

test('a target that does not accept keeps nobody from trying', async () => {
  const room = new AcceptRoom(() => 128);
  const watch = new Stopwatch();
  await Promise.all(Array.from({ length: 20 }, () => room.enter(signal)));
  expect(watch.wall).toBeGreaterThan(900);
  expect(watch.fair).toBeLessThan(5000);
});

test('those whose connects hang hold up the others only for a while, and a round that is over nobody', async () => {
  const over = new AbortController();
  const room = new AcceptRoom(() => 0);
  await Promise.all(Array.from({ length: 4 }, () => room.enter(signal)));
  const fifth = room.enter(over.signal);
  await delay(20);
  const watch = new Stopwatch();
  over.abort();
  await fifth;
  expect(watch.fair).toBeLessThan(500);
});
