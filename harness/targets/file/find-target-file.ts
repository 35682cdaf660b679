import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isFile, isFolder } from '../../../shared/look-at-path.ts';
import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import { isTargetPath } from '../../scenario/load/load-scenarios.ts';

/** Path of a target's file, or the mistake in its name. */
export type FoundTarget = { path: string } | { problem: string; known: string[] };

/**
 * Finds a target's file. A name is looked for in `targets` of these roots, in order; anything with a slash or ending in .yaml is a path.
 */
export function findTargetFile(nameOrPath: string, roots: readonly string[]): FoundTarget {
  const known = [...new Set(roots.flatMap(targetNames))].toSorted();
  if (isTargetPath(nameOrPath)) {
    const file = path.resolve(nameOrPath);
    if (isFile(file)) return { path: file };
    return { problem: `no target file \`${nameOrPath}\` (looked for ${file})`, known };
  }
  const file = roots.map((root) => path.join(root, 'targets', `${nameOrPath}.yaml`)).find(isFile);
  if (file !== undefined) return { path: file };
  const hint = suggestion(nameOrPath, known);
  const list = hint.startsWith('; did') ? ` (known: ${known.join(', ')})` : '';
  return { problem: `unknown target \`${nameOrPath}\`${hint}${list}`, known };
}

function targetNames(root: string): string[] {
  const folder = path.join(root, 'targets');
  if (!isFolder(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();
}
