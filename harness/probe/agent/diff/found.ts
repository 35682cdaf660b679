/**
 * Suspect with the objects behind it, so that what they retain can be counted to it.
 */
import path from 'node:path';
import type { Position, Suspect, Resource } from '../../protocol.ts';

export type Found = {
  suspect: Suspect;
  /** leaked objects or functions */
  causes: object[];
  /** collections and emitters that grew, for arming */
  grew?: object[];
};

/** Kind and origin in one line, with file names without folders, so that checkouts compare. */
export function suspectFingerprint(resource: Resource, detail: string, where: readonly Position[]): string {
  const lines = where.slice(0, 3).map(({ file, line, column }) => `${path.basename(file)}:${line}:${column}`);
  return [resource, detail, ...lines].filter((part) => part !== '').join(' ');
}

/** Merges groups of one fingerprint. */
export function mergeFound(found: readonly Found[]): Found[] {
  const byFingerprint = new Map<string, Found>();
  for (const one of found) {
    const same = byFingerprint.get(one.suspect.fingerprint);
    if (!same) {
      byFingerprint.set(one.suspect.fingerprint, one);
      continue;
    }
    same.suspect.count += one.suspect.count;
    same.causes.push(...one.causes);
    if (one.grew) same.grew = [...(same.grew ?? []), ...one.grew];
  }
  return [...byFingerprint.values()];
}
