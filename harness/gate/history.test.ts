import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { temporaryFolder } from '../../shared/temporary-folder.ts';
import { aRun } from '../report/testing/sample-run.ts';
import { commitOf } from './git-commit.ts';
import { appendHistory, historyLine, readHistory } from './history.ts';
import { historyInWords } from './history-text.ts';

const folder = temporaryFolder('history-test');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const COMMIT = 'a'.repeat(40);

test('runs are appended, and read as they were', async () => {
  const file = path.join(folder, 'history.jsonl');
  expect(readHistory(file)).toEqual([]);
  const line = historyLine(aRun(), COMMIT);
  await appendHistory(file, line);
  await appendHistory(file, { ...line, seed: 8 });
  expect(readHistory(file)).toEqual([line, { ...line, seed: 8 }]);
  expect(historyInWords(readHistory(file))[1]).toMatch(/^2026-01-02 03:04:05 {2}aaaaaaaaa {2}/);
});

test('the oldest run goes when there are a thousand', async () => {
  const file = path.join(folder, 'long.jsonl');
  const line = historyLine(aRun(), undefined);
  const text = Array.from({ length: 1000 }, (_, seed) => `${JSON.stringify({ ...line, seed })}\n`).join('');
  await writeFile(file, text);
  await appendHistory(file, { ...line, seed: 1000 });
  const seeds = readHistory(file).map(({ seed }) => seed);
  expect([seeds.length, seeds[0], seeds.at(-1)]).toEqual([1000, 1, 1000]);
});

test.each([
  ['cut off', (good: string) => `${good}\n${good.slice(0, 40)}`, ':2 the last line is cut off'],
  ['no JSON', (good: string) => `${good}\n{oops\n${good}\n`, ':2 is no line of JSON'],
  [
    'of another version',
    (good: string) => `${good.replace('"history":1', '"history":2')}\n`,
    ':1 is of another version',
  ],
  ['without a figure', (good: string) => `${good.replace('"took"', '"tok"')}\n`, ':1 has no valid `took`'],
])('a history that is %s is refused with the line, and left as it is', async (name, broken, says) => {
  const file = path.join(folder, `${name.replaceAll(' ', '-')}.jsonl`);
  const line = historyLine(aRun(), COMMIT);
  const text = broken(JSON.stringify(line));
  await writeFile(file, text);
  await expect(appendHistory(file, line)).rejects.toMatchObject({
    code: 'LASTFIN_HISTORY_INVALID',
    message: expect.stringContaining(says) as string,
  });
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('the commit is read from the files of git: a branch, packed references, a worktree, a detached head', async () => {
  const checkout = path.join(folder, 'checkout');
  await mkdir(path.join(checkout, 'below'), { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {
      cwd: checkout,
      encoding: 'utf8',
    }).trim();
  git('init', '-q');
  expect(commitOf(checkout)).toBeUndefined();
  git('commit', '-q', '--allow-empty', '-m', 'x');
  const commit = git('rev-parse', 'HEAD');
  expect(commitOf(path.join(checkout, 'below'))).toBe(commit);
  git('pack-refs', '--all');
  expect(commitOf(checkout)).toBe(commit);
  git('worktree', 'add', '-q', '../worktree');
  expect(commitOf(path.join(folder, 'worktree'))).toBe(commit);
  git('checkout', '-q', '--detach');
  expect(commitOf(checkout)).toBe(commit);
  expect(commitOf(folder)).toBeUndefined();
});
