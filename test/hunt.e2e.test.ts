import path from 'node:path';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import type * as Library from '../index.ts';
import { latestReport } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';
import { leakIn } from './leak-in.ts';

const CASE = 'lifecycle/close-unused[by=client]';
const LEAKY = path.resolve('scenarios/targets/leaky');

// workers are started from the compiled files
const { expectNoLeaks, hunt } = (await import(path.resolve('dist/index.js'))) as typeof Library;

let folder: string;
inOwnFolder((made) => (folder = made));

async function problemOf(act: () => unknown): Promise<InstanceType<typeof Library.LastfinError>> {
  try {
    await act();
  } catch (error) {
    return error as InstanceType<typeof Library.LastfinError>;
  }
  throw new Error('nothing was thrown');
}

test('a leaky target: the assertion says the cause, and its stack begins with the leaking line', async () => {
  const run = await hunt({ target: `${LEAKY}/collection.yaml`, cases: CASE, out: folder });
  expect(JSON.parse(JSON.stringify(run))).toEqual(await latestReport(folder));
  const error = await problemOf(() => run.assert());
  expect(error.code).toBe('LASTFIN_FOUND');
  expect(error.message).toMatch(
    /^1 case failed, 1 cause\n\n 1 {2}leak: 20 entries in a long-lived collection/,
  );
  const [first] = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  const { file, line } = leakIn(`${LEAKY}/collection.mjs`);
  expect(first).toContain(`${file}:${line}:`);
  // the same of a report that is no run of hunt()
  expect((await problemOf(() => expectNoLeaks(run))).message).toBe(error.message);
});

test('a clean target written in place passes, and tells the reporters', async () => {
  const told: string[] = [];
  const run = await hunt({
    target: { name: 'mine', command: [process.execPath, `${LEAKY}/mended.mjs`] },
    cases: [CASE],
    seed: 7,
    reporters: [{ onCaseEnd: ({ id, target, verdict }) => void told.push(`${id} ${target} ${verdict}`) }],
  });
  expect(told).toEqual([`${CASE} mine passed`]);
  expect(run.seed).toBe(7);
  run.assert();
});

test('a run that shows nothing is no pass', async () => {
  const stop = new AbortController();
  const interrupted = await hunt({
    target: 'proxy',
    cases: 'lifecycle/close-unused',
    jobs: 1,
    signal: stop.signal,
    reporters: [{ onCaseEnd: () => stop.abort(new Error('enough')) }],
  });
  expect((await problemOf(() => interrupted.assert())).code).toBe('LASTFIN_INTERRUPTED');
  const skipped = {
    ...interrupted,
    interrupted: false,
    exitCode: 0,
    counts: { ...interrupted.counts, passed: 0 },
  };
  expect(await problemOf(() => expectNoLeaks(skipped))).toMatchObject({
    code: 'LASTFIN_LAB',
    message: expect.stringContaining('no case was run') as string,
  });
});

test.each([
  [{ command: ['node', 'x.js'], rutes: ['tcp'] }, 'LASTFIN_TARGET_INVALID', /`rutes`/],
  [{ command: [] }, 'LASTFIN_TARGET_INVALID', /`command`/],
  [{ name: 'haproxy', command: ['node'] }, 'LASTFIN_USAGE', /`haproxy`/],
])('a wrong target %j: %s', async (target, code, message) => {
  const error = await problemOf(() => hunt({ target, cases: CASE }));
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
});

test('CommonJS gets it by require, from any folder', async () => {
  const script = `const { hunt } = require(${JSON.stringify(path.resolve('dist/index.js'))});
    hunt({ target: 'proxy', cases: '${CASE}' }).then((run) => { run.assert(); console.log(run.summary); });`;
  const { stdout } = await execa(process.execPath, ['-e', script], { cwd: folder });
  expect(stdout).toBe('1 case passed');
});
