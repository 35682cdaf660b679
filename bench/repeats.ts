/**
 * The mended twins of the ten leaks as tests of real runners, again and again: each failure is a false alarm.
 *
 *   npm run bench:repeats -- [--times 100] [--runner vitest]… [--order parallel]…
 */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { execa } from 'execa';

import { ALONE, counts, type RunnerName, RUNNERS, testFile } from './runners.ts';
import { unpack } from './unpacked.ts';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '100' },
    runner: { type: 'string', multiple: true, default: Object.keys(RUNNERS) },
    order: { type: 'string', multiple: true, default: ['sequence', 'parallel'] },
  },
});

const { folder, done } = await unpack();
try {
  await cp('test/programs/tests', path.join(folder, 'tests'), { recursive: true });
  for (const order of values.order)
    for (const runner of values.runner) await repeat(runner as RunnerName, order);
} finally {
  await done();
}

async function repeat(runner: RunnerName, order: string): Promise<void> {
  const [command = '', ...args] = RUNNERS[runner](testFile(runner));
  const started = performance.now();
  const { all } = await execa(command, args, {
    cwd: folder,
    all: true,
    reject: false,
    env: { ...ALONE, MENDED_ONLY: '1', TIMES: values.times, PARALLEL: order === 'parallel' ? '1' : '0' },
  });
  const [failed, passed] = counts(runner, all);
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`${runner}, ${order}: ${passed} passed, ${failed} failed, ${seconds} s\n`);
  if (failed === 0 && passed > 0) return;
  process.exitCode = 1;
  process.stdout.write(`${all}\n`);
}
