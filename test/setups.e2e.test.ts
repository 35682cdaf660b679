import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ALONE, counts, type RunnerName, RUNNERS } from '../bench/runners.ts';
import { unpack } from '../bench/unpacked.ts';
import { leakIn } from './leak-in.ts';

/** `lastfin/mocha/setup`: the Mocha of this checkout would look for it beside itself. */
const MOCHA_SETUP = './node_modules/lastfin/dist/adapters/mocha-setup.js';
const PROGRAMS = 'test/programs/setups';
let folder: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder, done } = await unpack());
  await cp(PROGRAMS, path.join(folder, 'setups'), { recursive: true });
  await writeFile(
    path.join(folder, 'with-setup.config.mjs'),
    "export default { test: { setupFiles: ['lastfin/vitest/setup'] } };\n",
  );
}, 120_000);

afterAll(() => done());

const lineOf = (file: string): number => leakIn(path.join(PROGRAMS, file)).line;

async function run(command: readonly string[]): Promise<string> {
  return (await runToExit(command)).all;
}

async function runToExit(
  command: readonly string[],
): Promise<{ all: string; stdout: string; exitCode?: number | undefined }> {
  const [program = '', ...args] = command;
  return execa(program, args, { cwd: folder, all: true, reject: false, env: ALONE });
}

test.each<[title: string, runner: RunnerName, file: string, more: readonly string[]]>([
  ['set-up file of vitest', 'vitest', 'vitest.test.mjs', ['--config', 'with-setup.config.mjs']],
  ['fixture of vitest', 'vitest', 'fixture.test.mjs', []],
  ['set-up file of Jest', 'jest', 'jest.test.cjs', ['--setupFilesAfterEnv', 'lastfin/jest/setup']],
  ['hooks of Mocha', 'mocha', 'mocha.test.cjs', ['--require', MOCHA_SETUP]],
])('%s: a test that leaks fails, with its line; others pass', async (_, runner, file, more) => {
  const all = await run([...RUNNERS[runner](`setups/${file}`), ...more]);
  expect(
    counts(runner, all).map((count) => count > 0),
    all,
  ).toEqual([true, true]);
  expect(all).toMatch(
    new RegExp(`1 timer left, from setups/${file.replaceAll('.', '\\.')}:${lineOf(file)}:`),
  );
  expect(all).not.toMatch(/leaks since the baseline/);
  // a failed hook is a failure beside a test that passed, or in its place
  expect(all.match(/1 leak since the baseline/g)?.length, all).toBeGreaterThanOrEqual(1);
  expect(new Set(all.match(/from setups\/\S+?:\d+:\d+/g)).size, all).toBe(1);
});

test('set-up file of vitest: the check comes behind hooks, callbacks and fixtures of the file', async () => {
  const all = await run([...RUNNERS.vitest('setups/vitest.test.mjs'), '--config', 'with-setup.config.mjs']);
  expect(counts('vitest', all), all).toEqual([1, 4]);
});

test('fixture of vitest: a leak is one error of its test, and of the attempt that left it', async () => {
  const { stdout } = await runToExit([...RUNNERS.vitest('setups/fixture.test.mjs'), '--reporter', 'json']);
  const { testResults } = JSON.parse(stdout) as {
    testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
  };
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = results.filter(({ status }) => status === 'failed');
  expect(failed.map(({ title, failureMessages }) => [title, failureMessages.length])).toEqual([
    ['leaves an interval', 1],
    ['leaves one and checks it', 1],
  ]);
  expect(results.filter(({ status }) => status === 'passed').length, stdout).toBe(5);
});

describe('hooks of Mocha', () => {
  const mocha = (...more: string[]): ReturnType<typeof runToExit> =>
    runToExit([...RUNNERS.mocha('setups/mocha/leaks.test.cjs'), '--require', MOCHA_SETUP, ...more]);
  const next = 'setups/mocha/next.test.cjs';

  test.each([['one after the other'], ['at the same time', '--parallel']])(
    'fail the tests that leak, and all others run: files %s',
    async (_, ...more) => {
      const { all, exitCode } = await mocha(next, ...more);
      expect(counts('mocha', all), all).toEqual([3, 5]);
      expect(exitCode).toBe(3);
      const from = '1 timer left, from setups/mocha/leaks.test.cjs:3:';
      expect(all.split(from).length, all).toBe(4);
      expect(all).toMatch(/^ +1\) leaves an interval:\n +LastfinError: 1 leak since the baseline$/m);
      expect(all).toMatch(/^ +2\) a suite\n +leaves one, too:$/m);
      expect(all).toMatch(/^ +3\) a suite\n +leaves one and skips itself:$/m);
      expect(all).toMatch(/^ +at \S*setups\/mocha\/leaks\.test\.cjs:3:\d+$/m);
      expect(all).toContain('✔ runs in the next file');
    },
  );

  test('end the run after the first leak with --bail', async () => {
    const { all, exitCode } = await mocha(next, '--bail');
    expect(counts('mocha', all), all).toEqual([1, 1]);
    expect(exitCode).toBe(1);
  });

  test('end the run if a check cannot be made', async () => {
    const file = 'setups/mocha/unexamined.test.cjs';
    const { all, exitCode } = await runToExit([...RUNNERS.mocha(file), '--require', MOCHA_SETUP]);
    expect(all).toMatch(
      /"after each" hook: afterEach for "breaks the check":\n +Error: broken by the test$/m,
    );
    expect(all).not.toContain('is not reached');
    expect(exitCode).toBe(1);
  });
});

test('lastfin/register sees calls of functions that were taken out of their module earlier', async () => {
  const file = 'setups/registered.cjs';
  const late = await run([process.execPath, file]);
  const early = await run([process.execPath, '--import', 'lastfin/register', file]);
  expect(early).toMatch(new RegExp(`file descriptors left[^]*registered\\.cjs:${lineOf('registered.cjs')}:`));
  expect(late).not.toMatch(/registered\.cjs:\d+:/);
});
