/**
 * Source maps of files that a loader compiles in memory, such as tsx: they are on no disk, but V8 knows where the script says its map is.
 */
import { Inspection } from './base/inspection.ts';
import { pathOf } from './base/stacks.ts';

/** URL of the source map that the script loaded from this file names; null where it names none, or is not loaded here. */
export async function sourceMapUrl(file: string): Promise<string | null> {
  const inspection = new Inspection();
  try {
    for (const [url, map] of await inspection.sourceMaps()) if (pathOf(url) === file) return map;
    return null;
  } finally {
    inspection.close();
  }
}
