import path from 'node:path';

const BIN = path.resolve('node_modules/.bin');
/** Time limit of one test, ms. */
const LIMIT = '280000';

/** Command line of each test runner for one file, in the folder of a project. */
export const RUNNERS = {
  vitest: (file: string) => [`${BIN}/vitest`, 'run', '--root', '.', '--testTimeout', LIMIT, file],
  node: (file: string) => [process.execPath, '--test', '--test-reporter', 'tap', file],
  mocha: (file: string) => [`${BIN}/mocha`, '--timeout', LIMIT, '--no-color', file],
  jest: (file: string) => [
    `${BIN}/jest`,
    '--rootDir',
    '.',
    '--testTimeout',
    LIMIT,
    '--forceExit',
    '--testMatch',
    `**/${file}`,
  ],
} as const;

export type RunnerName = keyof typeof RUNNERS;

/** Environment in which a runner does not see the runner that it is started by. */
export const ALONE = {
  VITEST: undefined,
  NODE_V8_COVERAGE: undefined,
  NODE_TEST_CONTEXT: undefined,
  NO_COLOR: '1',
};

/** File of the ten leaks' tests, from the folder of the project. */
export function testFile(runner: RunnerName): string {
  return runner === 'jest' ? 'tests/jest.test.cjs' : `tests/${runner}.test.mjs`;
}

/** Numbers of failed and passed tests, as a runner prints them. */
export function counts(runner: RunnerName, output: string): [failed: number, passed: number] {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  switch (runner) {
    case 'vitest':
      return [number(/^ +Tests .*?(\d+) failed/m), number(/^ +Tests .*?(\d+) passed/m)];
    case 'node':
      return [number(/^# fail (\d+)/m), number(/^# pass (\d+)/m)];
    case 'mocha':
      return [number(/^ +(\d+) failing/m), number(/^ +(\d+) passing/m)];
    default:
      return [number(/^Tests: .*?(\d+) failed/m), number(/^Tests: .*?(\d+) passed/m)];
  }
}
