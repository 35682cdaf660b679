/**
 * lastfin in vitest: scenarios as tests, and tests that fail for what they leave behind.
 *
 * @example
 * import { describeScenarios } from 'lastfin/vitest';
 * describeScenarios('scenarios/**\/*.yaml', { target: 'my-proxy.yaml' });
 */
import { afterAll, describe, it, test as base, type TestAPI } from 'vitest';

import { type LeakGuard, noLeaks } from '../harness/in-process/no-leaks.ts';
import { behindCleanUp } from './behind-clean-up.ts';
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
      // not at the fixture's end: vitest cleans up twice after one that throws there, and again in the next attempt. A test that makes the
      // check itself has its error
      behindCleanUp(onTestFinished, () => (isChecked ? undefined : check()));
      await use({ check, [Symbol.asyncDispose]: check });
    },
    { auto: true },
  ],
});
