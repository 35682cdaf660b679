import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { lastfin, latestReport } from './command-line.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

const CLOSE = 'lifecycle/close-unused[by=client]';
const LEAKY = 'scenarios/targets/leaky';

async function runOn(
  target: string,
  ...selection: string[]
): Promise<{ exitCode: number | undefined; all: string }> {
  const { exitCode, all } = await lastfin(['run', ...selection, '--target', target, '--out', out]);
  return { exitCode, all: String(all) };
}

test('a clean proxy passes, and the run leaves a complete report', async () => {
  const { exitCode, all } = await lastfin(['run', '--case', CLOSE, '--out', out]);
  expect(all).toContain('1 case: 1 passed, 0 failed');
  expect(exitCode).toBe(0);
  const report = await latestReport(out);
  expect(report.counts.passed).toBe(1);
  expect(report.results[0]?.terminations).toEqual({
    incoming: { normal: 20 },
    outgoing: { closed_incoming: 20 },
  });
  const files = await readdir(path.join(out, 'latest'));
  expect(files.toSorted()).toEqual(['journal', 'junit.xml', 'report.html', 'report.json']);
});

test('a run in which no case applies to the target is refused, with the reasons', async () => {
  const { exitCode, all } = await runOn(`${LEAKY}/mended.yaml`, '--case', 'lifecycle/inactivity*');
  expect(all).toContain('none of the 2 chosen cases applies to the target `mended`');
  expect(all).toContain('2 need the settings `inactivityTimeout`, `grace`');
  expect(exitCode).toBe(2);
});

test('cases that do not apply are counted, not listed, and the report says what would let more of them run', async () => {
  await runOn(`${LEAKY}/mended.yaml`, 'lifecycle/inactivity', 'lifecycle/close-unused');
  const { results, notApplicable, wouldRun } = await latestReport(out);
  expect(results.map(({ id, verdict }) => [id, verdict])).toEqual([
    ['lifecycle/close-unused[by=client]', 'passed'],
    ['lifecycle/close-unused[by=upstream]', 'passed'],
  ]);
  expect(notApplicable).toEqual({
    cases: 2,
    reasons: [{ reason: 'need settings that the target file does not name', cases: 2 }],
  });
  expect(wouldRun).toMatchObject({ cases: 2, settings: ['inactivityTimeout', 'grace'] });
});

test('a failure prints the command that runs just that case again, and it does', async () => {
  const { all } = await runOn(`${LEAKY}/timer.yaml`, '--case', CLOSE, '--seed', '7');
  const again = /again\s+npx lastfin (run .*)/.exec(all)?.[1];
  expect(again).toBe(`run --case '${CLOSE}' --seed 7 --target ${LEAKY}/timer.yaml`);
  const words = again?.split(' ').map((word) => word.replaceAll("'", '')) ?? [];
  const { exitCode, all: second } = await lastfin([...words, '--out', out]);
  expect(second).toContain('timer.mjs:8');
  expect(exitCode).toBe(1);
});

test('a stored journal is judged again to the same findings', async () => {
  const { all } = await runOn(`${LEAKY}/timer.yaml`, '--case', CLOSE);
  const folder = path.join(out, 'latest', 'journal');
  const [journal] = await readdir(folder);
  const { exitCode, all: judged } = await lastfin(['judge', path.join(folder, String(journal))]);
  const finding = /leak: .*/.exec(all)?.[0];
  expect(finding).toBeDefined();
  expect(judged).toContain(finding);
  expect(exitCode).toBe(1);
});

test('the same seed plans the same cases, another seed others', async () => {
  const plan = async (seed: string): Promise<string> =>
    String((await lastfin(['list', '--json', '--seed', seed])).all);
  const first = await plan('3');
  expect(await plan('3')).toBe(first);
  expect(await plan('4')).not.toBe(first);
  expect(first.split('\n').length).toBeGreaterThan(40);
});

test('the plan says which sysctls are set where the kernel is waited for, and none elsewhere', async () => {
  const waited = String((await lastfin(['list', 'kernel/cable-client-sending'])).all);
  expect(waited).toContain('net.ipv4.tcp_syn_retries=1');
  expect(waited).toContain('net.ipv4.tcp_retries2=1');
  const atOnce = String((await lastfin(['list', 'faults/client-reset'])).all);
  expect(atOnce).not.toContain('sysctls');
});

test('a mutant is found by the finding that names it', async () => {
  const { exitCode, all } = await lastfin(['mutants', 'reasons-swapped', 'interval-per-connection']);
  expect(all).toMatch(
    /found\s+interval-per-connection .* 20 timers left after 20 connections, from proxy\/tcp-proxy.ts:/,
  );
  expect(all).toContain('2 of 2 mutants found');
  expect(exitCode).toBe(0);
});
