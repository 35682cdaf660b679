import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';
import { folderOfTest } from './testing/folders.ts';

import { temporaryFolder } from './temporary-folder.ts';

test('folders of processes that are gone are removed, those of others stay', () => {
  const root = folderOfTest();
  const { pid } = spawnSync(process.execPath, ['--version']);
  const [stale, other, mine] = [
    `lastfin-mutants-${pid}-aaaaaa`,
    'lastfin-mutants-notes',
    `lastfin-x-${pid}-b`,
  ];
  for (const name of [stale, other, mine]) mkdirSync(path.join(root, name ?? ''));
  const first = temporaryFolder('mutants', root);
  const second = temporaryFolder('mutants', root);
  expect(existsSync(path.join(root, stale ?? ''))).toBe(false);
  for (const kept of [other, mine]) expect(existsSync(path.join(root, kept ?? ''))).toBe(true);
  expect([first, second].map((folder) => existsSync(folder))).toEqual([true, true]);
});
