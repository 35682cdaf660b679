/**
 * Set-up file for vitest: `setupFiles: ['lastfin/vitest/setup']` checks each test for what it leaves open.
 */
import { beforeEach } from 'vitest';

import { behindCleanUp } from './behind-clean-up.ts';
import { EachTest } from './each-test.ts';

const each = new EachTest();

// vitest reads the names of fixtures from the parameter: it must be taken apart
beforeEach(({ onTestFinished }) => {
  each.begin();
  behindCleanUp(onTestFinished, () => each.end());
});
