// The fixture checks the tests of this file, without any configuration.
import { test } from 'lastfin/vitest';

test('leaves an interval', () => {
  setInterval(() => undefined, 60_000).unref(); // leak: interval
});
test('leaves nothing', () => undefined);
test('says what is no leak', async ({ leaks }) => {
  const timer = setInterval(() => undefined, 60_000);
  clearInterval(timer);
  await leaks.check();
});
