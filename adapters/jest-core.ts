/**
 * lastfin for Jest, loaded by Node itself: `jest.cjs`, which Jest loads into the realm of each test file, passes that realm's functions.
 */
import { expectNoLeaks } from '../harness/hunt/expect-no-leaks.ts';
import { noLeaks } from '../harness/in-process/no-leaks.ts';
import { EachTest } from './each-test.ts';
import { describeScenariosOf, hunt } from './lazily.ts';

export type { NoLeaks } from '../harness/in-process/no-leaks.ts';
export type { DescribeScenarios, ScenarioTestOptions } from './describe-scenarios.ts';

/** Functions that Jest gives to a test file. */
export type JestGlobals = {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>, timeout: number): void;
  afterAll(body: () => Promise<void>, timeout?: number): void;
  beforeAll(body: () => void): void;
  beforeEach(body: () => void): void;
  afterEach(body: () => Promise<void>, timeout?: number): void;
};

/** Longest that the end of a case under way may take, ms. */
const END = 60_000;

/** Functions for a test file. */
export function forJest(jest: JestGlobals): object {
  const describeScenarios = describeScenariosOf({
    describe: (name, body) => jest.describe(name, body),
    it: (name, body, timeout) => jest.it(name, () => body({}), timeout),
    afterAll: (body) => jest.afterAll(body, END),
  });
  return { describeScenarios, expectNoLeaks, hunt, noLeaks };
}

type State = { rootDescribeBlock?: { hooks?: { fn?: unknown; type?: string }[] } };

/** Checks each test of a file. */
export function checkEachTest(jest: JestGlobals): void {
  const each = new EachTest();
  const afterEach = (): Promise<void> => each.end();
  jest.beforeEach(() => each.begin());
  jest.afterEach(afterEach, END);
  // Jest runs hooks in the order of their registration: the check has to wait for those of the test file, which clean up
  jest.beforeAll(() => {
    const key = Object.getOwnPropertySymbols(jest).find(
      ({ description }) => description === 'JEST_STATE_SYMBOL',
    );
    const state = key && (Reflect.get(jest, key) as State | undefined);
    const hooks = state?.rootDescribeBlock?.hooks;
    const index = hooks?.findIndex(({ fn }) => fn === afterEach) ?? -1;
    if (hooks !== undefined && index >= 0) hooks.push(...hooks.splice(index, 1));
  });
}
