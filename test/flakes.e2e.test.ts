import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { readKnown } from '../harness/gate/known/known-file.ts';
import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

let folder: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder, done } = await temporaryFolder());
  await copyFile('test/programs/dies-once.mjs', path.join(folder, 'dies-once.mjs'));
});

afterAll(() => done());

/** Writes a target that dies the first time it is started. */
async function diesOnce(name: string): Promise<string> {
  const file = `${name}.yaml`;
  const text = `about: Dies the first time that it is started.
kind: node
command: [node, '{{here}}/dies-once.mjs']
environment: { STATE: '{{here}}/${name}.state' }
routes: [tcp]
ready: { port: true, timeout: 5s }
stop: { signal: SIGTERM, grace: 2s }
`;
  await writeFile(path.join(folder, file), text);
  return file;
}

const run = async (...args: string[]): Promise<{ code: number | undefined; text: string }> => {
  const { exitCode, all } = await lastfin(
    ['run', '--case', 'lifecycle/close-unused', '--jobs', '2', '--alone', '10', ...args],
    { cwd: folder },
  );
  return { code: exitCode, text: String(all) };
};

test('a case that passes alone after it failed is flaky, which fails the run; its failing journal is kept', async () => {
  const { code, text } = await run('--target', await diesOnce('alone'), '--out', 'alone');
  expect(code, text).toBe(1);
  const report = await latestReport(path.join(folder, 'alone'));
  expect(report.counts).toMatchObject({ passed: 1, flaky: 1, failed: 0 });
  const flaky = report.results.find(({ verdict }) => verdict === 'flaky');
  expect(flaky).toMatchObject({ alone: 'passed', attempts: 2, findings: [{ kind: 'crash' }] });
  const [failing, other] = (await readdir(path.join(folder, 'alone', 'latest', 'journal')))
    .filter((name) => name.startsWith(path.basename(String(flaky?.journal), '.jsonl')))
    .toSorted((a, b) => b.length - a.length);
  expect([failing, other]).toEqual([expect.stringContaining('.2.jsonl'), expect.any(String)]);
  const judged = await lastfin(['judge', path.join(folder, 'alone', 'latest', String(flaky?.journal))]);
  expect(judged.exitCode).toBe(1);
});

test('in quarantine it does not fail the run; --alone 0 tries nothing again', async () => {
  const target = await diesOnce('held');
  const first = await run('--target', target, '--accept-known', '--owner', 'edge', '--reason', '#7');
  expect(first.text).toContain('flaky, in quarantine');
  expect(first.code, first.text).toBe(0);
  // either case may be the first to start: both are in quarantine
  const file = path.join(folder, 'lastfin-known.json');
  const known = readKnown(file);
  const [exception] = Object.values(known.quarantine);
  const ids = ['client', 'upstream'].map((by) => `lifecycle/close-unused[by=${by}]`);
  const quarantine = Object.fromEntries(ids.map((id) => [id, exception]));
  await writeFile(file, JSON.stringify({ ...known, quarantine }));
  const again = await run('--target', await diesOnce('held-again'));
  expect(again.text).toContain('in quarantine');
  expect(again.code, again.text).toBe(0);
  await rm(file);
  const never = await run('--target', await diesOnce('never'), '--alone', '0');
  expect(never.code, never.text).toBe(1);
  expect((await latestReport(path.join(folder, 'reports'))).counts).toMatchObject({ failed: 1, flaky: 0 });
});

test('--stress-duration runs all cases until the time is over', async () => {
  const target = await diesOnce('stressed');
  const { code, text } = await run('--target', target, '--stress-duration', '6s', '--out', 'stressed');
  expect(code, text).toBe(1);
  const { results, took } = await latestReport(path.join(folder, 'stressed'));
  expect(took).toBeGreaterThan(6000);
  expect(results).toHaveLength(2);
  expect(results.map(({ verdict }) => verdict).toSorted()).toEqual(['flaky', 'passed']);
  expect(Math.max(...results.map(({ attempts = 1 }) => attempts))).toBeGreaterThan(1);
});
