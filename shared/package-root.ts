import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

function findUp(from: string): string {
  let folder = from;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const above = path.dirname(folder);
    if (above === folder) throw new Error(`no package.json above ${from}`);
    folder = above;
  }
  return folder;
}

/** Folder of lastfin's own package.json, the same from `dist/` and from the sources. */
export const PACKAGE_ROOT: string = findUp(path.dirname(fileURLToPath(import.meta.url)));

/** Absolute path of a compiled file, for example `compiled('harness/probe/agent/preload.js')`, to run in a child process. */
export function compiled(file: string): string {
  return path.join(PACKAGE_ROOT, 'dist', file);
}
