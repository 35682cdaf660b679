import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { isRunning } from './is-running.ts';

/**
 * Creates a temporary folder whose name contains the process id, and removes those of the same kind whose process was killed before
 * it could remove them.
 *
 * @example
 * const work = temporaryFolder('mutants'); // /tmp/lastfin-mutants-4711-Xy12ab
 */
export function temporaryFolder(kind: string, root = tmpdir()): string {
  const prefix = `lastfin-${kind}-`;
  for (const name of readdirSync(root)) {
    const owner = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (owner !== undefined && !isRunning(Number(owner)))
      rmSync(path.join(root, name), { recursive: true, force: true });
  }
  return mkdtempSync(path.join(root, `${prefix}${process.pid}-`));
}
