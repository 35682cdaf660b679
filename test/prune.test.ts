import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';

import { temporaryFolder } from './command-line.ts';

test('a build leaves no output of a source that is gone', async () => {
  const { prune } = (await import(path.resolve('scripts/prune.mjs'))) as {
    prune: (outputs: string, sources: string, keep?: Set<string>) => void;
  };
  const { folder, done } = await temporaryFolder();
  const outputs = path.join(folder, 'dist');
  await mkdir(path.join(outputs, 'room'), { recursive: true });
  await mkdir(path.join(folder, 'room'));
  await writeFile(path.join(folder, 'room/here.ts'), '');
  const files = [
    'here.js',
    'here.js.map',
    'here.d.ts',
    'gone.js',
    'gone.js.map',
    'gone.d.ts',
    'chunk.js',
    'page.html',
  ];
  for (const file of files) await writeFile(path.join(outputs, 'room', file), '');
  prune(outputs, folder, new Set(['room/chunk.js']));
  expect((await readdir(path.join(outputs, 'room'))).toSorted()).toEqual([
    'chunk.js',
    'here.d.ts',
    'here.js',
    'here.js.map',
    'page.html',
  ]);
  await done();
});
