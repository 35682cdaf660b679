// The fixture checks the tests of this file, without any configuration.
import { expect } from 'vitest';

import { test } from 'lastfin/vitest';

const leave = () => void setInterval(() => undefined, 60_000).unref(); // leak: interval
let attempts = 0;

test('leaves an interval', leave);
test('leaves one and checks it', async ({ leaks }) => {
  leave();
  await leaks.check();
});
test('leaves one in an attempt that is run again', { retry: 1 }, () => {
  if (attempts++ === 0) leave();
});
test('leaves one and expects that', async ({ leaks }) => {
  leave();
  await expect(leaks.check()).rejects.toThrow('1 timer left');
});
test('leaves it to what follows a test', ({ onTestFinished }) => {
  const timer = setInterval(() => undefined, 60_000);
  onTestFinished(() => clearInterval(timer));
});
test('leaves nothing', () => undefined);
test('says what is no leak', async ({ leaks }) => {
  const timer = setInterval(() => undefined, 60_000);
  clearInterval(timer);
  await leaks.check();
});
