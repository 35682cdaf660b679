/**
 * lastfin in vitest: scenarios as tests, and tests that fail for what they leave behind.
 *
 * @example
 * import { describeScenarios } from 'lastfin/vitest';
 * describeScenarios('scenarios/**\/*.yaml', { target: 'my-proxy.yaml' });
 */
import { afterAll, describe, it, test as base, type TestAPI } from 'vitest';

import { type LeakGuard, noLeaks } from '../harness/in-process/no-leaks.ts';
import type { DescribeScenarios } from './describe-scenarios.ts';
import { describeScenariosOf } from './lazily.ts';

export { expectNoLeaks } from '../harness/hunt/expect-no-leaks.ts';
export { hunt } from './lazily.ts';
export { noLeaks } from '../harness/in-process/no-leaks.ts';
export type { DescribeScenarios, ScenarioTestOptions } from './describe-scenarios.ts';

/** Registers each case of scenario files as a test, with its own name and time limit. */
export const describeScenarios: DescribeScenarios = describeScenariosOf({
  describe,
  it: (name, body, timeout) => it(name, ({ skip }) => body({ skip: (why) => skip(why) }), timeout),
  afterAll: (body) => afterAll(body),
});

/** `test` of vitest with a check of each test: what it leaves open fails it. */
export const test: TestAPI<{ leaks: LeakGuard }> = base.extend<{ leaks: LeakGuard }>({
  leaks: [
    async ({ onTestFinished }, use) => {
      const guard = noLeaks();
      let isChecked = false;
      const check = (): Promise<void> => {
        isChecked = true;
        return guard.check();
      };
      // vitest cleans up twice after a fixture that throws at its end, and again in the next attempt; callbacks are called once,
      // behind all hooks and fixtures, the first one last. A test that makes the check itself has its error
      onTestFinished(() => (isChecked ? undefined : check()), NO_LIMIT);
      await use({ check, [Symbol.asyncDispose]: check });
    },
    { auto: true },
  ],
});

/** Time limit (ms) of vitest for none: a check ends by itself. */
const NO_LIMIT = 0;
