/**
 * Source maps of files that a loader such as tsx compiles in memory: they are on no disk, but V8 knows the URL that the script names.
 */
import { Inspection } from './base/inspection.ts';
import { pathOf } from './base/stacks.ts';

/** URL of the source map that the script of this file names; null if it names none, or is not loaded here. */
export async function sourceMapUrl(file: string): Promise<string | null> {
  const inspection = new Inspection();
  try {
    for (const [url, map] of await inspection.sourceMaps()) if (pathOf(url) === file) return map;
    return null;
  } finally {
    inspection.close();
  }
}
