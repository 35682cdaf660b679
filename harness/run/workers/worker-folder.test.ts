import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { makeWorkerFolder, removeWorkerFolder } from './worker-folder.ts';

test('the folder of a worker is found by its process alone, and those of others stay', async () => {
  const folder = makeWorkerFolder();
  writeFileSync(path.join(folder, 'a'), 'b');
  await removeWorkerFolder(Number(`${process.pid}0`));
  expect(existsSync(folder)).toBe(true);
  await removeWorkerFolder(process.pid);
  expect(existsSync(folder)).toBe(false);
  // a worker may be killed before it has one
  await removeWorkerFolder(process.pid);
});
