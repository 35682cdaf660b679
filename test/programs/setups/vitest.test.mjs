// The first test leaves an interval, others leave it to the file's own hooks, the last leaves nothing.
import { afterEach, it, onTestFinished } from 'vitest';

let timer;
afterEach(() => clearInterval(timer));

it('leaves an interval', () => {
  setInterval(() => undefined, 60_000).unref(); // leak: interval
});
it('leaves it to the hook', () => {
  timer = setInterval(() => undefined, 60_000);
});
it('leaves it to what follows a test', () => {
  const own = setInterval(() => undefined, 60_000);
  onTestFinished(() => clearInterval(own));
});
const withInterval = it.extend({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the names of other fixtures from it
  interval: async ({}, use) => {
    const own = setInterval(() => undefined, 60_000);
    await use(own);
    clearInterval(own);
  },
});
withInterval('leaves it to a fixture', ({ interval }) => void interval);
it('leaves nothing', () => undefined);
