// One test leaves an interval, one leaves it to the file's own hook, one leaves nothing.
import { afterEach, it } from 'vitest';

let timer;
afterEach(() => clearInterval(timer));

it('leaves an interval', () => {
  setInterval(() => undefined, 60_000).unref(); // leak: interval
});
it('leaves it to the hook', () => {
  timer = setInterval(() => undefined, 60_000);
});
it('leaves nothing', () => undefined);
