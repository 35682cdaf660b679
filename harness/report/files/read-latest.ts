import path from 'node:path';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import * as z from '../../../shared/vendor/zod.ts';
import { readTextFile } from '../../../shared/yaml-file/read-text-file.ts';

/** Most bytes of a stored report: one of 5,000 cases has a tenth of that. */
export const MOST_REPORT_BYTES: number = 64 * 1024 * 1024;

/** The few fields of a stored report that are read again. */
const stored = z.looseObject({
  started: z.string(),
  results: z.array(
    z.looseObject({
      id: z.string(),
      target: z.string(),
      verdict: z.enum(['passed', 'failed', 'flaky', 'skipped', 'error']),
    }),
  ),
});

export type StoredReport = ReturnType<typeof stored.parse>;

/**
 * Reads the report of the last finished run; undefined where there is none.
 *
 * @param root the folder that holds `latest`
 * @throws LastfinError `LASTFIN_USAGE` for a file that is no report
 */
export function readLatest(root: string): StoredReport | undefined {
  const file = path.join(latestFolder(root), 'report.json');
  let text: string;
  try {
    text = readTextFile(file, { most: MOST_REPORT_BYTES });
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    const why = error instanceof Error ? error.message : String(error);
    throw new LastfinError('LASTFIN_USAGE', `${file} cannot be read: ${why}`, {
      facts: { file },
      cause: error,
    });
  }
  const { data, error } = stored.safeParse(parsed(text));
  if (data !== undefined) return data;
  const where = error.issues[0]?.path.join('.') ?? '';
  throw new LastfinError(
    'LASTFIN_USAGE',
    `${file} is no report of lastfin${where === '' ? '' : ` (\`${where}\`)`}`,
    { facts: { file } },
  );
}

/** `latest` is a link or, where there are none, a file that holds the path of the folder. */
export function latestFolder(root: string): string {
  const latest = path.join(root, 'latest');
  try {
    return path.join(root, readTextFile(latest, { most: 4096 }).trim());
  } catch {
    return latest;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
