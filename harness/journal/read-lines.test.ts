import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { readJournal } from './file.ts';
import { readLines } from '../../shared/read-lines.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lastfin-lines-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function linesOf(text: string): Promise<string[]> {
  const file = path.join(folder, 'lines');
  writeFileSync(file, text);
  const lines: string[] = [];
  for await (const line of readLines(file)) lines.push(line);
  return lines;
}

test.each([
  ['', []],
  ['a', ['a']],
  ['a\n', ['a']],
  ['a\n\nb', ['a', '', 'b']],
  [`${'ü'.repeat(100_000)}\nx\n`, ['ü'.repeat(100_000), 'x']],
])('lines of a file, %#', async (text, lines) => {
  expect(await linesOf(text)).toEqual(lines);
});

test('what is no file, or beyond the limits, is refused with the reason', async () => {
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await expect(readJournal(pipe)).rejects.toThrow('it is not a file');
  await expect(readJournal('/dev/zero')).rejects.toThrow('it is not a file');
  await expect(readJournal(folder)).rejects.toThrow('it is not a file');
  const large = path.join(folder, 'large');
  writeFileSync(large, '');
  truncateSync(large, 8 * 1024 ** 3);
  await expect(readJournal(large)).rejects.toThrow('is the limit');
  await expect(linesOf('x'.repeat(9_000_000))).rejects.toThrow('a line has more than');
});
