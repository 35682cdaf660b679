import { readFileSync } from 'node:fs';
import path from 'node:path';

import { isFile, isFolder } from '../../shared/look-at-path.ts';

/** Symbolic references that lead to one another. */
const MOST_STEPS = 5;

/** Commit of the git checkout that holds a folder, read from its files; undefined outside one, or for an unknown layout. */
export function commitOf(folder: string): string | undefined {
  try {
    const git = gitFolder(path.resolve(folder));
    return git === undefined ? undefined : resolveReference(git, 'HEAD', MOST_STEPS);
  } catch {
    return undefined;
  }
}

function gitFolder(folder: string): string | undefined {
  const git = path.join(folder, '.git');
  if (isFolder(git)) return git;
  if (isFile(git)) {
    // a worktree or a submodule
    const [, where] = /^gitdir: (.+)$/m.exec(readFileSync(git, 'utf8')) ?? [];
    return where === undefined ? undefined : path.resolve(folder, where.trim());
  }
  const above = path.dirname(folder);
  return above === folder ? undefined : gitFolder(above);
}

function resolveReference(git: string, name: string, steps: number): string | undefined {
  const common = path.join(git, 'commondir');
  const shared = isFile(common) ? path.resolve(git, readFileSync(common, 'utf8').trim()) : git;
  const file = [path.join(git, name), path.join(shared, name)].find(isFile);
  const text = file === undefined ? packed(shared, name) : readFileSync(file, 'utf8').trim();
  if (text === undefined) return undefined;
  const [, next] = /^ref: (refs\/[\w./-]+)$/.exec(text) ?? [];
  if (next !== undefined && !next.includes('..'))
    return steps === 0 ? undefined : resolveReference(git, next, steps - 1);
  return /^[0-9a-f]{40,64}$/.test(text) ? text : undefined;
}

function packed(git: string, name: string): string | undefined {
  const file = path.join(git, 'packed-refs');
  if (!isFile(file)) return undefined;
  const found = readFileSync(file, 'utf8')
    .split('\n')
    .find((one) => one.endsWith(` ${name}`));
  return found?.split(' ')[0];
}
