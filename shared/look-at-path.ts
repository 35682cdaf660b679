import { existsSync, statSync } from 'node:fs';

/**
 * Whether there is a file, or a folder, at `path`. Never throws: a path that the system refuses (too long, a loop of links, a folder
 * that may not be searched) leads to nothing. `statSync` with `throwIfNoEntry: false` throws for those.
 */
export function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

/** The same for a folder. */
export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
