/**
 * Set-up file for vitest: `setupFiles: ['lastfin/vitest/setup']` checks each test for what it leaves open.
 */
import { afterEach, beforeEach } from 'vitest';

import { EachTest } from './each-test.ts';

const each = new EachTest();

beforeEach(() => each.begin());
// vitest runs it after those of the test file
afterEach(() => each.end());
