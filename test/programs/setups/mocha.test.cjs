'use strict';
// The first test leaves an interval, the second leaves it to the file's own hook, the third leaves nothing.
let timer;
afterEach(() => clearInterval(timer));

it('leaves an interval', () => {
  setInterval(() => undefined, 60_000).unref(); // leak: interval
});
it('leaves it to the hook', () => {
  timer = setInterval(() => undefined, 60_000);
});
it('leaves nothing', () => undefined);
