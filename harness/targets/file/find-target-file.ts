import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isFile, isFolder } from '../../../shared/look-at-path.ts';
import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import { isTargetPath } from '../../scenario/load/load-scenarios.ts';

/** The file of a target, or what is wrong with its name. */
export type FoundTarget = { path: string } | { problem: string; known: string[] };

/**
 * A name is a file in `targets` of the first of these roots that has one; whatever has a slash or ends in .yaml is a path from the current directory.
 */
export function findTargetFile(nameOrPath: string, roots: readonly string[]): FoundTarget {
  const known = [...new Set(roots.flatMap(targetNames))].toSorted();
  if (isTargetPath(nameOrPath)) {
    const path = resolve(nameOrPath);
    if (isFile(path)) return { path };
    return { problem: `no target file \`${nameOrPath}\` (looked for ${path})`, known };
  }
  const path = roots.map((root) => join(root, 'targets', `${nameOrPath}.yaml`)).find(isFile);
  if (path !== undefined) return { path };
  const hint = suggestion(nameOrPath, known);
  const list = hint.startsWith('; did') ? ` (known: ${known.join(', ')})` : '';
  return { problem: `unknown target \`${nameOrPath}\`${hint}${list}`, known };
}

function targetNames(root: string): string[] {
  const folder = join(root, 'targets');
  if (!isFolder(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();
}
