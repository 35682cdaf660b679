/**
 * Root hooks for Mocha: `mocha --require lastfin/mocha/setup` checks each test for what it leaves open.
 */
import { EachTest } from './each-test.ts';

type Hook = { fn?: unknown };
type Context = { timeout(ms: number): void; test?: { parent?: { _afterEach?: Hook[] } } };

const each = new EachTest();

async function afterEach(this: Context): Promise<void> {
  this.timeout(0);
  await each.end();
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
