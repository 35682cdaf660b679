import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

import { compiled } from '../../../shared/package-root.ts';
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
export async function writeHtml(folder: string, report: RunReport): Promise<void> {
  await writeWhole(path.join(folder, 'report.html'), toHtml(report, htmlParts(folder)));
}

/** Parts of the page: the built template, the page of findings, the journals of a run's folder, the sources of its targets. */
export function htmlParts(folder: string): HtmlParts {
  return {
    template: readFileSync(compiled('harness/report/page/report.html'), 'utf8'),
    journalsOf: (result) => journalsOf(folder, result),
    readSource: sourcesBelow(process.cwd()),
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

/** Reads sources below a folder, and nothing else: a target says which files it consists of, and may lie. */
export function sourcesBelow(root: string): ReadSource {
  return (file) => {
    try {
      const real = realpathSync(path.resolve(root, file));
      const { size } = statSync(real);
      const inside = real.startsWith(`${realpathSync(root)}${path.sep}`);
      if (!inside || !/\.[cm]?[jt]sx?$/.test(real) || size > MOST_SOURCE) return undefined;
      return readFileSync(real, 'utf8');
    } catch {
      return undefined;
    }
  };
}
