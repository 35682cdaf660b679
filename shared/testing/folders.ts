import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** Creates an empty folder, which is removed when the test ends that this is called in, or whose `beforeEach` calls it. */
export function folderOfTest(): string {
  const folder = make();
  onTestFinished(() => remove(folder));
  return folder;
}

/** Creates an empty folder at the top of a test file or of a `describe`, which is removed after its tests. */
export function folderOfFile(): string {
  const folder = make();
  afterAll(() => remove(folder));
  return folder;
}

function make(): string {
  return mkdtempSync(path.join(tmpdir(), 'lastfin-test-'));
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
