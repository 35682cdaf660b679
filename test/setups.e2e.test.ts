import { readFileSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ALONE, counts, type RunnerName, RUNNERS } from '../bench/runners.ts';
import { unpack } from '../bench/unpacked.ts';

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

const lineOf = (file: string): number =>
  readFileSync(path.join(PROGRAMS, file), 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('// leak: ')) + 1;

async function run(command: readonly string[]): Promise<string> {
  const [program = '', ...args] = command;
  const { all } = await execa(program, args, { cwd: folder, all: true, reject: false, env: ALONE });
  return all;
}

test.each<[title: string, runner: RunnerName, file: string, more: readonly string[]]>([
  ['set-up file of vitest', 'vitest', 'vitest.test.mjs', ['--config', 'with-setup.config.mjs']],
  ['fixture of vitest', 'vitest', 'fixture.test.mjs', []],
  ['set-up file of Jest', 'jest', 'jest.test.cjs', ['--setupFilesAfterEnv', 'lastfin/jest/setup']],
  ['hooks of Mocha', 'mocha', 'mocha.test.cjs', ['--require', MOCHA_SETUP]],
])('%s: one test of three fails, with its line', async (_, runner, file, more) => {
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

test('lastfin/register sees calls of functions that were taken out of their module earlier', async () => {
  const file = 'setups/registered.cjs';
  const late = await run([process.execPath, file]);
  const early = await run([process.execPath, '--import', 'lastfin/register', file]);
  expect(early).toMatch(new RegExp(`file descriptors left[^]*registered\\.cjs:${lineOf('registered.cjs')}:`));
  expect(late).not.toMatch(/registered\.cjs:\d+:/);
});
