import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { isFile, isFolder } from '../../shared/look-at-path.ts';
import { readTextFile } from '../../shared/yaml-file/read-text-file.ts';
import { latestFolder, MOST_REPORT_BYTES } from '../report/files/read-latest.ts';
import type { RunReport } from '../report/run-report.ts';
import { reportSchema } from '../report/schema.ts';

const NAME = 'report.json';

/**
 * Finds a report: a file, the folder of a run, or a reports folder, whose latest run it is; undefined where there is none.
 *
 * @example
 * findReport('reports'); // 'reports/latest/report.json'
 */
export function findReport(where: string): string | undefined {
  if (isFile(where)) return where;
  return [path.join(where, NAME), path.join(latestFolder(where), NAME)].find(isFile);
}

/**
 * Reads the report of a run from its file or folder.
 *
 * @throws LastfinError `LASTFIN_REPORT_INVALID` where there is none, or it is cut off or of another version
 */
export function readReport(where: string): RunReport {
  const file = findReport(where);
  if (file === undefined) {
    const what = isFolder(where) ? 'holds no report.json' : 'does not exist';
    throw invalid(where, `${where} ${what}: name a run's folder, its report.json, or a reports folder`);
  }
  let value: unknown;
  try {
    value = JSON.parse(readTextFile(file, { most: MOST_REPORT_BYTES }));
  } catch (error) {
    const cut = error instanceof SyntaxError ? ', it may have been cut off' : '';
    throw invalid(
      file,
      `${file} cannot be read${cut}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const checked = reportSchema.safeParse(value);
  if (checked.success) return value as RunReport;
  const [issue] = checked.error.issues;
  const place = issue?.path.join('.') ?? '';
  const why =
    place === 'report'
      ? 'it is of another version than 1'
      : `\`${place === '' ? 'report' : place}\`: ${issue?.message}`;
  throw invalid(file, `${file} is no report of this lastfin: ${why}`);
}

function invalid(file: string, message: string): LastfinError {
  return new LastfinError('LASTFIN_REPORT_INVALID', message, { facts: { file } });
}

/**
 * Times of cases for planning, ms by id: without what other cases kept from them, so that shards do not trade their load to and fro
 * from run to run.
 */
export function timesOf({ results }: Pick<RunReport, 'results'>): Map<string, number> {
  const ran = results.filter(({ verdict }) => verdict !== 'skipped');
  return new Map(ran.map((one) => [one.id, timeOf(one)]));
}

/** Least share of the wall time that counts: two starved processes may wait at the same time. */
const LEAST_SHARE = 0.2;

function timeOf({ took, starved = 0, attempts = 1 }: RunReport['results'][number]): number {
  return Math.max(took - starved, LEAST_SHARE * took) / attempts;
}
