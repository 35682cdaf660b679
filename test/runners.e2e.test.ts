import { readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { unpack } from './package/unpacked.ts';

const LEAKS = 'test/programs/tests/ten-leaks.cjs';
const BIN = path.resolve('node_modules/.bin');
/** All ten leaks in each runner take minutes of processor time; without this each runner has three. */
const isWhole = process.env['LASTFIN_TEST_CELLS'] === 'all';

/** Command line of each runner. */
const RUNNERS = {
  vitest: (file: string) => [`${BIN}/vitest`, 'run', '--root', '.', '--testTimeout', '280000', file],
  node: (file: string) => [process.execPath, '--test', '--test-reporter', 'tap', file],
  mocha: (file: string) => [`${BIN}/mocha`, '--timeout', '280000', '--no-color', file],
  jest: (file: string) => [
    `${BIN}/jest`,
    '--rootDir',
    '.',
    '--testTimeout',
    '280000',
    '--forceExit',
    '--testMatch',
    `**/${file}`,
  ],
} as const;
type RunnerName = keyof typeof RUNNERS;
/** Leaks that are not found: collections of Jest's realms (docs/testing.md). */
const UNSEEN: Partial<Record<RunnerName, readonly string[]>> = { jest: ['collection', 'history'] };

let folder: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder, done } = await unpack());
  await cp('test/programs/tests', path.join(folder, 'tests'), { recursive: true });
}, 120_000);

afterAll(() => done());

async function run(
  runner: RunnerName,
  file: string,
  env: Record<string, string> = {},
): Promise<{ all: string; exitCode: number | undefined }> {
  const [command = '', ...args] = RUNNERS[runner](file);
  const { all, exitCode } = await execa(command, args, {
    cwd: folder,
    all: true,
    reject: false,
    // the runner of this test must not be seen by the one that it runs
    env: {
      VITEST: undefined,
      NODE_V8_COVERAGE: undefined,
      NODE_TEST_CONTEXT: undefined,
      NO_COLOR: '1',
      ...env,
    },
  });
  return { all, exitCode };
}

/** Leaking line of each function in the file of the ten leaks. */
const lines = new Map<string, number>();
for (const [index, text] of readFileSync(LEAKS, 'utf8').split('\n').entries()) {
  const [, name] = /^ {2}'?([\w-]+)'?: (?:async )?\(\) =>/.exec(text) ?? [];
  if (name !== undefined && !lines.has(name)) lines.set(name, 0);
  if (lines.size > 0 && text.includes('// leak: ')) lines.set([...lines.keys()].at(-1) ?? '', index + 1);
}

describe.each(Object.keys(RUNNERS) as RunnerName[])('%s', (runner) => {
  const names = [...lines.keys()]
    .filter((_, index) => isWhole || index % 4 === 0)
    .filter((name) => !(UNSEEN[runner] ?? []).includes(name));

  test('leaky functions fail with their line, mended ones pass', async () => {
    const file = runner === 'jest' ? 'tests/jest.test.cjs' : `tests/${runner}.test.mjs`;
    const { all, exitCode } = await run(runner, file, { LEAKS: names.join() });
    // Mocha's is the number of failed tests
    expect(exitCode, all).toBe(runner === 'mocha' ? names.length : 1);
    for (const name of names)
      expect(all).toMatch(new RegExp(`left, from tests/ten-leaks\\.cjs:${lines.get(name)}:`));
    const [failed, passed] = counts(runner, all);
    expect([failed, passed], all).toEqual([names.length, names.length]);
  });

  test('scenarios are tests: a leaky target fails with its line, a mended one passes', async () => {
    const isJest = runner === 'jest';
    const from = `lastfin/${runner === 'node' ? 'node-test' : runner}`;
    const leaky = path.resolve('scenarios/targets/leaky');
    const cases = `['lifecycle/close-unused[by=client]']`;
    const text = [
      isJest
        ? `const { describeScenarios } = require('${from}');`
        : `import { describeScenarios } from '${from}';`,
      `describeScenarios('lifecycle', { name: 'bad', cases: ${cases}, target: '${leaky}/timer.yaml' });`,
      `describeScenarios('lifecycle', { name: 'good', cases: ${cases}, target: '${leaky}/mended.yaml' });`,
    ].join('\n');
    await mkdir(path.join(folder, runner), { recursive: true });
    const file = `${runner}/scenarios.test.${isJest ? 'cjs' : 'mjs'}`;
    await writeFile(path.join(folder, file), text);
    const { all, exitCode } = await run(runner, file);
    expect(exitCode, all).toBe(1);
    expect(all).toContain('lifecycle/close-unused[by=client]');
    expect(all).toMatch(/leaky\/timer\.mjs:\d+:\d+/);
    expect(counts(runner, all), all).toEqual([1, 1]);
  });
});

/** Numbers of failed and passed tests, as a runner prints them. */
function counts(runner: RunnerName, output: string): [failed: number, passed: number] {
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
