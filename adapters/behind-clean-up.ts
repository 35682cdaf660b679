import type { TestContext } from 'vitest';

/** Time limit (ms) of vitest for none: a check ends by itself. */
const NO_LIMIT = 0;

/** Has vitest make a check behind the hooks, fixtures and callbacks of a test, which clean up: of several callbacks it calls the first one last. */
export function behindCleanUp(
  onTestFinished: TestContext['onTestFinished'],
  check: () => Promise<void> | undefined,
): void {
  onTestFinished(check, NO_LIMIT);
}
