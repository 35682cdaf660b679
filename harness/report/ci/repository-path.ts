import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute folders: paths of a report are relative to `cwd`, paths that a CI system links are relative to `root`, the repository's own. */
export type Roots = { cwd: string; root: string };

/**
 * Path of a file as CI systems link it: relative to the root of the repository, with slashes. Undefined for files outside of it and for
 * those that are no files, such as `node:net`.
 *
 * @example
 * repositoryPath('src/a.ts', { cwd: '/repo/packages/proxy', root: '/repo' }); // 'packages/proxy/src/a.ts'
 */
export function repositoryPath(file: string, { cwd, root }: Roots): string | undefined {
  const plain = fileOf(file);
  if (plain === undefined) return undefined;
  const relative = path.relative(root, path.resolve(cwd, plain));
  const inside = relative !== '' && !path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..';
  return inside ? relative.split(path.sep).join('/') : undefined;
}

function fileOf(file: string): string | undefined {
  if (!file.startsWith('file:')) return file === '' || /^[a-z]{2,}:/i.test(file) ? undefined : file;
  try {
    return fileURLToPath(file);
  } catch {
    return undefined;
  }
}
