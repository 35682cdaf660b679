import { mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Name begins with the process, so that the harness finds the folder of a worker that was killed before it could tell of it; short, for sockets. */
const prefixOf = (pid: number): string => `lf-${pid}-`;

/** Makes the folder for temporary files of this worker. */
export function makeWorkerFolder(): string {
  return mkdtempSync(path.join(tmpdir(), prefixOf(process.pid)));
}

/** Removes the folder of a worker that is gone, if there is one. */
export async function removeWorkerFolder(pid: number): Promise<void> {
  // where the folder for temporary files cannot be read, no worker has made one
  const names = await readdir(tmpdir()).catch(() => []);
  const folders = names.filter((name) => name.startsWith(prefixOf(pid)));
  await Promise.all(folders.map((name) => rm(path.join(tmpdir(), name), { recursive: true, force: true })));
}
