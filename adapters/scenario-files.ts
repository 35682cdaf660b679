import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { LastfinError } from '../shared/errors/lastfin-error.ts';

/**
 * Files that a pattern such as `scenarios/**\/*.yaml` names: `**` stands for folders, `*` for a part of a name. Anything without a star
 * (a file, a folder, an area such as `faults`) stays.
 *
 * @throws LastfinError `LASTFIN_USAGE` for a pattern that names no file
 */
export function scenarioFiles(pattern: string): string[] {
  if (!pattern.includes('*')) return [pattern];
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => part.includes('*'));
  const base = parts.slice(0, first).join('/') || (pattern.startsWith('/') ? '/' : '.');
  const files = filesBelow(base, parts.slice(first)).toSorted();
  if (files.length === 0)
    throw new LastfinError(
      'LASTFIN_USAGE',
      `no file fits \`${pattern}\`, looked for in ${path.resolve(base)}`,
    );
  return files;
}

function filesBelow(folder: string, parts: readonly string[]): string[] {
  const [part = '', ...rest] = parts;
  const entries = isFolder(folder) ? readdirSync(folder) : [];
  if (part === '**') {
    const deeper = entries
      .map((name) => path.join(folder, name))
      .filter((one) => path.basename(one) !== 'node_modules' && isFolder(one))
      .flatMap((one) => filesBelow(one, parts));
    return [...new Set([...filesBelow(folder, rest), ...deeper])];
  }
  const fits = entries.filter((name) => fitsName(name, part)).map((name) => path.join(folder, name));
  return rest.length === 0
    ? fits.filter((one) => !isFolder(one))
    : fits.filter(isFolder).flatMap((one) => filesBelow(one, rest));
}

/** Whether a name fits a pattern in which `*` stands for any text; without backtracking, piece after piece. */
function fitsName(name: string, pattern: string): boolean {
  const [head = '', ...pieces] = pattern.split('*');
  if (pieces.length === 0) return name === pattern;
  const tail = pieces.pop() ?? '';
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const piece of pieces) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
