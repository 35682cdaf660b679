/**
 * Set-up file for vitest: `setupFiles: ['lastfin/vitest/setup']` checks each test for what it leaves open.
 */
import { beforeEach } from 'vitest';

import { EachTest } from './each-test.ts';

/** Time limit (ms) of vitest for none: a check ends by itself. */
const NO_LIMIT = 0;

const each = new EachTest();

beforeEach(({ onTestFinished }) => {
  each.begin();
  // vitest calls it behind the hooks, fixtures and callbacks of the test file, which clean up
  onTestFinished(() => each.end(), NO_LIMIT);
});
