/**
 * lastfin in node:test: scenarios as tests, and tests that fail for what they leave behind.
 *
 * @example
 * import { describeScenarios } from 'lastfin/node-test';
 * describeScenarios('scenarios/**\/*.yaml', { target: 'my-proxy.yaml' });
 */
import { after, describe, it } from 'node:test';

import type { DescribeScenarios } from './describe-scenarios.ts';
import { describeScenariosOf } from './lazily.ts';

export { expectNoLeaks } from '../harness/hunt/expect-no-leaks.ts';
export { hunt } from './lazily.ts';
export { noLeaks } from '../harness/in-process/no-leaks.ts';
export type { DescribeScenarios, ScenarioTestOptions } from './describe-scenarios.ts';

/** Registers each case of scenario files as a test, with its own name and time limit. */
export const describeScenarios: DescribeScenarios = describeScenariosOf({
  describe: (name, body) => void describe(name, body),
  it: (name, body, timeout) => void it(name, { timeout }, (test) => body({ skip: (why) => test.skip(why) })),
  afterAll: (body) => after(body),
});
