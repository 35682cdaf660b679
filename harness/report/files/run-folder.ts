import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { makeFolder } from './make-folder.ts';

/**
 * Makes the folder of one run, named after the time it began: `<root>/runs/2026-01-02T03-04-05.678Z`.
 * Two runs that begin in the same millisecond get two folders.
 */
export async function makeRunFolder(root: string, started: Date): Promise<string> {
  const runs = path.join(root, 'runs');
  makeFolder(path.resolve(runs));
  // Colons are not allowed in file names on Windows and in CI artifacts.
  const time = started.toISOString().replaceAll(':', '-');
  for (let attempt = 1; ; attempt++) {
    const folder = path.join(runs, attempt === 1 ? time : `${time}-${attempt}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/**
 * Points `<root>/latest` at a run's folder, in one step: a reader sees the old one or the new one. Where symbolic links fail, it is
 * a file that holds the path, relative to `root`.
 */
export async function pointLatest(root: string, name: string): Promise<void> {
  const target = path.join('runs', name);
  const latest = path.join(root, 'latest');
  const next = path.join(root, `.latest-${name}`);
  await rm(next, { force: true });
  try {
    await symlink(target, next, 'dir');
  } catch {
    await writeFile(next, `${target}\n`);
  }
  try {
    await rename(next, latest);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
