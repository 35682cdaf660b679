import type { Position, Suspect } from '../probe/protocol.ts';

/** Reason not to count something, and how it is recognized. `where`: its lines without those of test runners and test doubles. */
type NotLeak = { why: string; is: (suspect: Suspect, where: readonly Position[]) => boolean };

/** Patterns for the names of packages that run tests, measure coverage or compile sources while they are loaded. */
const RUNNERS = [
  /vitest|@vitest|vite|vite-node|tinypool|tinybench|birpc|rolldown|rollup/,
  /jest(?:-[\w-]+)?|@jest|babel-jest|@babel|babel-plugin-[\w-]+|expect|pretty-format/,
  /mocha|yargs|workerpool|chokidar/,
  /nyc|c8|istanbul(?:-[\w-]+)?|@istanbuljs|test-exclude|v8-to-istanbul/,
  /source-map-support|source-map|graceful-fs|pirates/,
  /tsx|ts-node|@swc-node|@swc|esbuild|esbuild-register/,
];

/** Patterns for the names of packages whose stand-ins for functions, objects and clocks record each call until they are reset. */
const TEST_DOUBLES = [
  /sinon|@sinonjs|testdouble|quibble|jest-mock|tinyspy/,
  /ts-mockito|chai-spies|simple-mock|vitest-mock-extended/,
];

const NAMES = [...RUNNERS, ...TEST_DOUBLES].map(({ source }) => source).join('|');
const OF_RUNNERS = new RegExp(`[/\\\\]node_modules[/\\\\](?:${NAMES})[/\\\\]`);

export function isOfRunner({ file }: Position): boolean {
  return OF_RUNNERS.test(file) || file === '';
}

/** Whether the innermost line of a stack is in a test runner or the like; a line without a file may be anybody's. */
export function isByRunner({ file }: Position): boolean {
  return OF_RUNNERS.test(file);
}

const ENDS_BY_ITSELF = 'ends by itself: Node ends connections that wait for a next request';

/** Everything that is never counted in a test's own process, each with its reason. */
const NOT_LEAKS: readonly NotLeak[] = [
  {
    why: 'made by the test runner, a test double, a coverage tool or a compiler: their timers, workers, recorded calls, tables and source maps',
    is: ({ where: all }, where) => all.length > 0 && where.length === 0,
  },
  {
    why: ENDS_BY_ITSELF,
    is: ({ endsWithin }) => endsWithin !== undefined,
  },
  {
    why: 'a descriptor that no call of the test has opened: other threads of the process have files, too',
    is: ({ resource }, where) => resource === 'descriptor' && where.length === 0,
  },
  {
    why: 'a handle or worker without a line is the runner’s: what the test starts has one',
    is: ({ resource }, where) => (resource === 'handle' || resource === 'worker') && where.length === 0,
  },
  {
    why: 'a listener without a line on an AbortSignal is Node’s: node:test follows the signal of a suite in each test that runs beside this one',
    is: ({ resource, sample }, where) =>
      resource === 'listener' && where.length === 0 && sample.startsWith("AbortSignal 'abort'"),
  },
];

/** Why something is not counted; undefined for a possible leak. */
export type WhyNoLeak = (suspect: Suspect, where: readonly Position[]) => string | undefined;

export const whyNoLeak: WhyNoLeak = (suspect, where) => NOT_LEAKS.find(({ is }) => is(suspect, where))?.why;

/**
 * Why something is not counted in a process that runs no tests. Things without a line are counted there: a function that no hook has seen may have made them.
 */
export const whyNoLeakInProgram: WhyNoLeak = ({ endsWithin }) =>
  endsWithin === undefined ? undefined : ENDS_BY_ITSELF;
