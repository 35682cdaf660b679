import { isFile, isFolder } from '../../shared/look-at-path.ts';
import path from 'node:path';

/** Folder of scenario files. */
export type Suite = {
  folder: string;
  /** prefix of the ids of its cases, so that two suites never clash; empty for the shipped one */
  prefix: string;
};

/**
 * Kinds of scenario that have a folder at the top of a suite: `universal` holds for any proxy or server, `contract` is what the
 * reference proxy promises beyond that. The folder is no part of an id: a scenario may change its kind and keep its name.
 */
export const KINDS = ['universal', 'contract'] as const;

/** Kind of a scenario; `own`: in neither folder, such as one that a user has written. */
export type Kind = (typeof KINDS)[number] | 'own';

/** Kind and name of the scenario file at `below`, a path below its suite. */
export function kindAndName(below: string, { prefix }: Pick<Suite, 'prefix'>): { kind: Kind; name: string } {
  const parts = below.replace(/\.yaml$/, '').split(path.sep);
  const kind = KINDS.find((one) => parts.length > 1 && one === parts[0]) ?? 'own';
  return { kind, name: prefix + (kind === 'own' ? parts : parts.slice(1)).join('/') };
}

/**
 * Finds the files and folders for an argument: an area (`faults`), a scenario (`faults/client-reset`), a kind (`universal`), or a path.
 * Areas are looked for in every suite and below both kinds; empty if nothing has that name.
 */
export function placesOf(given: string, suites: readonly Suite[]): string[] {
  const isPath = /^\.{0,2}[/\\]|\.yaml$/.test(given);
  const direct = ending(path.resolve(given));
  if (isPath && direct !== undefined) return [direct];
  const found = suites.flatMap((suite) => {
    const inSuite = path.relative(path.resolve(suite.folder), path.resolve(given));
    const below = inSuite.startsWith('..') ? given : inSuite;
    return ['', ...KINDS].flatMap((kind) => ending(path.join(path.resolve(suite.folder), kind, below)) ?? []);
  });
  if (found.length > 0) return found;
  return direct === undefined ? [] : [direct];
}

/** Path as given, or with `.yaml`, if such a file exists. */
function ending(place: string): string | undefined {
  return [place, `${place}.yaml`].find((one) => isFile(one) || isFolder(one));
}
