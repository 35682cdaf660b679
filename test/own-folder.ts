import { afterAll, beforeAll } from 'vitest';

import { temporaryFolder } from './command-line.ts';

/** Gives the tests of a file, or of a `describe`, a folder for their reports before the first one, and removes it after the last. */
export function inOwnFolder(use: (folder: string) => void): void {
  let done: () => Promise<void>;
  beforeAll(async () => {
    const made = await temporaryFolder();
    ({ done } = made);
    use(made.folder);
  });
  afterAll(() => done());
}
