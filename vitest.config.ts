import { defineConfig } from 'vitest/config';

import { REPORTER_VARIABLES } from './harness/cli/reporters/environment.ts';
import { SlowestFirst } from './test/slowest-first.ts';

// the output of the command line must not depend on who runs the tests: a runner of GitHub, a coding agent
for (const name of REPORTER_VARIABLES) delete process.env[name];

// vitest reads the default export: the one place where there is no other way
export default defineConfig({
  test: {
    globalSetup: ['test/build-once.ts'],
    // two cores: real processes and sockets do not profit from more, and timing suffers
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
    // end-to-end tests run whole cases in child processes; a busy machine must not fail them
    testTimeout: 300_000,
    hookTimeout: 30_000,
    // the tests in programs are run by other tests: half of them leak on purpose
    exclude: ['**/node_modules/**', 'dist/**', 'test/programs/**'],
    coverage: {
      provider: 'v8',
      include: ['{shared,proxy,harness}/**/*.ts'],
      // the page runs in a browser, which tells nothing of it
      exclude: ['**/*.test.ts', '**/fixtures/**', '**/testing/**', 'harness/report/page/**'],
    },
  },
});
