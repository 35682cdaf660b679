import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { writeJournal } from '../../journal/file.ts';
import { aJournal } from '../testing/sample-journal.ts';
import { aResult } from '../testing/sample-run.ts';
import { htmlParts, sourcesBelow } from './write-html.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lastfin-html-'));
  const inside = path.join(folder, 'project');
  await mkdir(path.join(inside, 'src'), { recursive: true });
  await writeFile(path.join(inside, 'src/proxy.ts'), 'leak();\n');
  await writeFile(path.join(inside, 'secret.txt'), 'password\n');
  await mkdir(path.join(folder, 'other'));
  await writeFile(path.join(folder, 'other/lib.mjs'), 'open();\n');
  await writeFile(path.join(folder, 'outside.ts'), 'password\n');
  await symlink(path.join(folder, 'outside.ts'), path.join(inside, 'link.ts'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a target that lies about its files shows nothing of others', () => {
  const read = sourcesBelow([path.join(folder, 'project'), path.join(folder, 'other')]);
  expect(read('src/proxy.ts')).toBe('leak();\n');
  expect(read(path.join(folder, 'project/src/proxy.ts'))).toBe('leak();\n');
  // the target's package, wherever it lies
  expect(read(path.join(folder, 'other/lib.mjs'))).toBe('open();\n');
  for (const file of [
    '../outside.ts',
    path.join(folder, 'outside.ts'),
    'link.ts',
    'secret.txt',
    'gone.ts',
    'src',
    '',
  ])
    expect(read(file), file).toBeUndefined();
});

test('journals are those of all attempts; one that is gone or broken is left out', async () => {
  const result = aResult({ attempts: 3 });
  const { journalsOf } = htmlParts(folder);
  expect(journalsOf(result)).toEqual([]);
  writeJournal(folder, result.id, aJournal(), 1);
  writeJournal(folder, result.id, aJournal(), 3);
  expect(journalsOf(result).map((entries) => entries.length)).toEqual([aJournal().length, aJournal().length]);
  const name = writeJournal(folder, 'broken', aJournal());
  await writeFile(path.join(folder, name), '{"t":1,"type":"case"}\n{"t":');
  expect(journalsOf(aResult({ id: 'broken' }))).toEqual([]);
});
