import { readdirSync } from 'node:fs';
import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { isFolder } from '../../shared/look-at-path.ts';
import type { ShardReport } from './merge-reports.ts';
import { findReport, readReport } from './stored-report.ts';

/** Depth at which CI systems put the folders of artifacts. */
const DEEPEST = 3;

/**
 * Finds the reports of shards: in the folders themselves, as runs or reports folders, or in the folders within them.
 *
 * @throws LastfinError `LASTFIN_SHARDS` for a folder without any, `LASTFIN_REPORT_INVALID` for a broken one
 */
export function findShards(folders: readonly string[]): ShardReport[] {
  return folders.flatMap((folder) => {
    const files = reportsIn(folder, DEEPEST);
    if (files.length === 0) {
      const what = isFolder(folder) ? 'holds no run (report.json)' : 'is no folder';
      throw new LastfinError(
        'LASTFIN_SHARDS',
        `${folder} ${what}: the shard has not finished, or was not kept`,
      );
    }
    return files.map((file) => ({ folder: path.dirname(file), report: readReport(file) }));
  });
}

function reportsIn(folder: string, depth: number): string[] {
  const found = findReport(folder);
  if (found !== undefined) return [found];
  if (depth === 0 || !isFolder(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((name) => path.join(folder, name))
    .filter(isFolder)
    .flatMap((inner) => reportsIn(inner, depth - 1));
}
