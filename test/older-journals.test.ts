import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { judge, readJournal } from '../index.ts';
import { lastfin, temporaryFolder } from './command-line.ts';

const stored = (name: string): string => path.resolve('test/journals', `${name}.jsonl`);
const LEAK = 'scenarios/targets/leaky/abort-signal.mjs:10:19';

test('journals of version 1, as lastfin 0.1 stored them, are judged as they were then', async () => {
  const passed = await readJournal(stored('version-1-passed'));
  expect(passed[0]).toMatchObject({ journal: 1 });
  expect(judge(passed)).toMatchObject({
    id: 'lifecycle/inactivity[count=1]',
    verdict: 'passed',
    findings: [],
    terminations: { incoming: { inactivity: 1 }, outgoing: { inactivity: 1 } },
  });
  const leak = judge(await readJournal(stored('version-1-leak')));
  expect(leak).toMatchObject({ verdict: 'failed', drain: 2, took: 5474 });
  expect(leak.findings.map(({ kind, message }) => [kind, message])).toEqual([
    ['leak', expect.stringContaining(`20 event listeners left after 20 connections`)],
  ]);
  expect(leak.findings[0]?.message).toContain(LEAK);
});

test('the command judges old and new ones together, and refuses a newer one with what to do', async () => {
  const { folder, done } = await temporaryFolder();
  const text = await readFile(stored('version-1-passed'), 'utf8');
  const [head = '', ...rest] = text.split('\n');
  const newer = path.join(folder, 'newer.jsonl');
  const version = (journal: number): string =>
    JSON.stringify({ ...JSON.parse(head), journal, lastfin: '7.0.0' });
  await writeFile(newer, [version(3), ...rest].join('\n'));
  const same = path.join(folder, 'same.jsonl');
  const later = '{"t":1,"type":"mood","mood":"good"}';
  await writeFile(same, [version(2), later, ...rest].join('\n'));
  const judged = await lastfin(['judge', stored('version-1-passed'), same, stored('version-1-leak')]);
  expect(String(judged.all).match(/✓ passed {3}/g)).toHaveLength(2);
  expect(judged.all).toContain('✗ failed');
  expect(judged.exitCode).toBe(1);
  const refused = await lastfin(['judge', newer]);
  expect(refused.all).toContain(
    `${newer}:1: the journal has version 3, this lastfin reads versions 1 and 2: judge it with lastfin 7.0.0`,
  );
  expect(refused.exitCode).toBe(2);
  await done();
});
