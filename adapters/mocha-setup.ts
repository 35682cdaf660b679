/**
 * Root hooks for Mocha: `mocha --require lastfin/mocha/setup` checks each test for what it leaves open.
 */
import { LastfinError } from '../shared/errors/lastfin-error.ts';
import { EachTest } from './each-test.ts';

type Test = { state?: string; pending?: boolean; currentRetry(): number; retries(): number };
/** Hook of Mocha; `error` gives the test that it ran for an error, and lets the run go on. */
type Hook = { fn?: unknown; parent?: { _afterEach?: Hook[] }; error(error: Error): void };
type Context = { timeout(ms: number): void; test?: Hook; currentTest?: Test };

const each = new EachTest();

/** Whether Mocha runs a failed attempt again: what it has left, as it did not come to its end, is no verdict on the test. */
function isRetried(test: Test): boolean {
  return test.state === undefined && test.pending !== true && test.currentRetry() < test.retries();
}

async function afterEach(this: Context): Promise<void> {
  this.timeout(0);
  const { test: hook, currentTest: test } = this;
  try {
    await each.end();
  } catch (error) {
    const isLeak = error instanceof LastfinError && error.code === 'LASTFIN_FOUND';
    // Mocha aborts the whole run if a root hook throws: only a check that could not be made may do that
    if (!isLeak || hook === undefined || test === undefined) throw error;
    if (isRetried(test)) return;
    // Mocha fails no pending test: one that has skipped itself after it opened something would hide its leak
    test.pending = false;
    hook.error(error);
  }
}

export const mochaHooks = {
  /** Moves the check behind the hooks of the test files, which clean up: Mocha runs them in the order of their registration. */
  beforeAll(this: Context): void {
    const hooks = this.test?.parent?._afterEach;
    const index = hooks?.findIndex(({ fn }) => fn === afterEach) ?? -1;
    if (hooks !== undefined && index >= 0) hooks.push(...hooks.splice(index, 1));
  },
  beforeEach: (): void => each.begin(),
  afterEach,
};
