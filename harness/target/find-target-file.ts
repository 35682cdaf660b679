import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suggestion } from '../../yaml-file/did-you-mean.ts';

/** The file of a target, or what is wrong with its name. */
export type FoundTarget = { path: string } | { problem: string; known: string[] };

/**
 * A name is a file in `<root>/targets`; whatever has a slash or ends in .yaml is a path from the current directory.
 */
export function findTargetFile(nameOrPath: string, root: string): FoundTarget {
  const known = targetNames(root);
  if (/[/\\]|\.yaml$/.test(nameOrPath)) {
    const path = resolve(nameOrPath);
    if (isFile(path)) return { path };
    return { problem: `no target file \`${nameOrPath}\` (looked for ${path})`, known };
  }
  const path = join(root, 'targets', `${nameOrPath}.yaml`);
  if (isFile(path)) return { path };
  const hint = suggestion(nameOrPath, known);
  const list = hint.startsWith('; did') ? ` (known: ${known.join(', ')})` : '';
  return { problem: `unknown target \`${nameOrPath}\`${hint}${list}`, known };
}

function targetNames(root: string): string[] {
  const folder = join(root, 'targets');
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
