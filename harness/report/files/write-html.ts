import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import { compiled, PACKAGE_ROOT } from '../../../shared/package-root.ts';
import { writeWhole } from '../../../shared/write-whole.ts';
import { journalPath } from '../../journal/file.ts';
import type { ReadSource } from '../html/frames.ts';
import { type HtmlParts, toHtml } from '../html/html-report.ts';
import type { Entry } from '../../journal/entry.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { RunReport } from '../run-report.ts';

const MOST_SOURCE = 2 * 1024 * 1024;
const MOST_JOURNAL = 16 * 1024 * 1024;

/**
 * Writes `report.html` into a run's folder, from the report and the journals that lie there.
 *
 * @throws {Error} of the system, where it cannot be written
 */
export async function writeHtml(
  folder: string,
  report: RunReport,
  history?: HtmlParts['history'],
): Promise<void> {
  const parts = { ...htmlParts(folder, targetsOf(report)), ...(history === undefined ? {} : { history }) };
  await writeWhole(path.join(folder, 'report.html'), toHtml(report, parts));
}

/**
 * Parts of the page: the built template, the page of findings, the journals of a run's folder, the sources of its targets.
 *
 * @param targets target files of the run: sources of their packages are shown, too, wherever they lie
 */
export function htmlParts(folder: string, targets: readonly string[] = []): HtmlParts {
  return {
    template: readFileSync(compiled('harness/report/page/report.html'), 'utf8'),
    journalsOf: (result) => journalsOf(folder, result),
    readSource: sourcesBelow([process.cwd(), PACKAGE_ROOT, ...targets.flatMap(packageOf)]),
  };
}

/** Journals of a case that lie in a run's folder. A journal that is gone or broken is left out: the report is more than its journals. */
function journalsOf(folder: string, { id, attempts = 1 }: ReportedCase): Entry[][] {
  return Array.from({ length: attempts }, (_, index) =>
    readEntries(path.join(folder, journalPath(id, index + 1))),
  ).filter((entries) => entries.length > 0);
}

function readEntries(file: string): Entry[] {
  try {
    if (!existsSync(file) || statSync(file).size > MOST_JOURNAL) return [];
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Entry);
  } catch {
    return [];
  }
}

function targetsOf({ results }: RunReport): string[] {
  return [...new Set(results.map(({ target }) => target))];
}

/** Folder of the package that a target file belongs to, or that of the file; none for the name of a shipped target. */
function packageOf(target: string): string[] {
  const file = path.resolve(target);
  if (!existsSync(file) || !statSync(file).isFile()) return [];
  const own = path.dirname(file);
  for (let folder = own; path.dirname(folder) !== folder; folder = path.dirname(folder))
    if (existsSync(path.join(folder, 'package.json'))) return [folder];
  return [own];
}

/** Reads sources below folders, and nothing else: a target says which files it consists of, and may lie. Relative names count from the first. */
export function sourcesBelow(roots: readonly [string, ...string[]]): ReadSource {
  return (file) => {
    try {
      const real = realpathSync(path.resolve(roots[0], file));
      const { size } = statSync(real);
      const isInside = roots.some((root) => real.startsWith(`${realpathSync(root)}${path.sep}`));
      if (!isInside || !/\.[cm]?[jt]sx?$/.test(real) || size > MOST_SOURCE) return undefined;
      return readFileSync(real, 'utf8');
    } catch {
      return undefined;
    }
  };
}
