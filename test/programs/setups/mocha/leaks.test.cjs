'use strict';
// Three tests leak in three ways; all others, here and in the next file, have to run none the less.
const leave = () => void setInterval(() => undefined, 60_000).unref();

it('leaves an interval', leave);
describe('a suite', () => {
  it('leaves one, too', leave);
  it('leaves nothing', () => undefined);
  it('leaves one and skips itself', function skipped() {
    leave();
    this.skip();
  });
});
it('leaves one in an attempt that is run again', function retried() {
  this.retries(1);
  const timer = setInterval(() => undefined, 60_000).unref();
  if (this.test.currentRetry() === 0) throw new Error('flaky');
  clearInterval(timer);
});
