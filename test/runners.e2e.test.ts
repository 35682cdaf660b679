import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ALONE, counts, type RunnerName, RUNNERS, testFile } from '../bench/runners.ts';
import { unpack } from '../bench/unpacked.ts';
import { areAll } from '../shared/testing/share-of.ts';
import { linesOfLeaks } from './ten-leaks.ts';

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
    env: { ...ALONE, ...env },
  });
  return { all, exitCode };
}

describe.each(Object.keys(RUNNERS) as RunnerName[])('%s', (runner) => {
  const names = [...linesOfLeaks.keys()]
    // all ten leaks in each runner take minutes of processor time
    .filter((_, index) => areAll || index % 4 === 0)
    .filter((name) => !(UNSEEN[runner] ?? []).includes(name));

  test('leaky functions fail with their line, mended ones pass', async () => {
    const { all, exitCode } = await run(runner, testFile(runner), { LEAKS: names.join() });
    // Mocha's is the number of failed tests
    expect(exitCode, all).toBe(runner === 'mocha' ? names.length : 1);
    for (const name of names)
      expect(all).toMatch(new RegExp(`left, from tests/ten-leaks\\.cjs:${linesOfLeaks.get(name)}:`));
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
