/**
 * lastfin in Mocha: scenarios as tests, and tests that fail for what they leave behind.
 *
 * @example
 * import { describeScenarios } from 'lastfin/mocha';
 * describeScenarios('scenarios/**\/*.yaml', { target: 'my-proxy.yaml' });
 */
import type { DescribeScenarios } from './describe-scenarios.ts';
import { describeScenariosOf } from './lazily.ts';

export { expectNoLeaks } from '../harness/hunt/expect-no-leaks.ts';
export { hunt } from './lazily.ts';
export { noLeaks } from '../harness/in-process/no-leaks.ts';
export type { DescribeScenarios, ScenarioTestOptions } from './describe-scenarios.ts';

/** Context of a test or hook, as far as it is used. */
type Context = { timeout(ms: number): void; skip(): void };
type Globals = {
  describe(name: string, body: () => void): void;
  it(name: string, body: (this: Context) => Promise<void>): void;
  after(body: (this: Context) => Promise<void>): void;
};

const mocha = globalThis as unknown as Globals;

/** Registers each case of scenario files as a test, with its own name and time limit. */
export const describeScenarios: DescribeScenarios = describeScenariosOf({
  describe: (name, body) => mocha.describe(name, body),
  it: (name, body, timeout) =>
    mocha.it(name, function run() {
      this.timeout(timeout);
      return body({
        skip: (why) => {
          process.stderr.write(`skipped: ${name}: ${why}\n`);
          this.skip();
        },
      });
    }),
  afterAll: (body) =>
    mocha.after(function end() {
      this.timeout(0);
      return body();
    }),
});
