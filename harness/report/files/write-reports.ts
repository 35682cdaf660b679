import { hostname } from 'node:os';
import path from 'node:path';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { CaseResult } from '../../judge/verdict.ts';
import type { Entry } from '../../journal/entry.ts';
import { writeJournal } from '../../journal/file.ts';
import { toJson } from './json.ts';
import { toJUnit } from './junit.ts';
import type { Reporter } from '../reporter.ts';
import { unwritable } from './unwritable.ts';
import { writeWhole } from '../../../shared/write-whole.ts';
import { makeRunFolder, pointLatest } from './run-folder.ts';
import { writeHtml } from './write-html.ts';
import type { HtmlParts } from '../html/html-report.ts';
import type { RunReport } from '../run-report.ts';

/**
 * Writes `report.json`, `junit.xml` and `report.html` into a run's folder; the page shows the journals that lie there.
 *
 * @example
 * await writeReports('reports/runs/2026-01-02T03-04-05.678Z', report);
 */
export async function writeReports(
  folder: string,
  report: RunReport,
  history?: HtmlParts['history'],
): Promise<void> {
  await Promise.all([
    writeWhole(path.join(folder, 'report.json'), toJson(report)),
    writeWhole(path.join(folder, 'junit.xml'), toJUnit(report, { hostname: hostname(), folder })),
  ]);
  await writeHtml(folder, report, history);
}

/**
 * Keeps a run on disk under `<root>/runs/…`: each journal when its case has ended, the reports at the end of the run, and then
 * `<root>/latest`, so that what it points at is always complete.
 *
 * @example
 * import { FilesReporter } from 'lastfin';
 * const files = new FilesReporter('reports');
 * await files.onRunStart({ started: new Date() });
 */
export class FilesReporter implements Reporter {
  readonly #root: string;
  #folder: string | undefined;
  #page: string | undefined;
  readonly #historyOf: ((report: RunReport) => HtmlParts['history']) | undefined;

  /** @param historyOf gives the runs so far, whose trend the page shows; absent: none */
  constructor(root: string, historyOf?: (report: RunReport) => HtmlParts['history']) {
    this.#root = root;
    this.#historyOf = historyOf;
  }

  /** The run's folder; undefined before the run has started. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** The page of the run; undefined before it is written. */
  get page(): string | undefined {
    return this.#page;
  }

  /** @throws LastfinError `LASTFIN_USAGE` for a folder that cannot be made; the others throw `LASTFIN_OUTPUT` where a file cannot be written */
  async onRunStart(run: { started: Date }): Promise<void> {
    try {
      this.#folder = await makeRunFolder(this.#root, run.started);
    } catch (error) {
      const { message } = unwritable(`the reports folder ${this.#root} (--out)`, error);
      throw new LastfinError('LASTFIN_USAGE', message, { facts: { folder: this.#root }, cause: error });
    }
  }

  onCaseEnd(result: CaseResult, journals: readonly (readonly Entry[])[]): void {
    if (this.#folder === undefined) return;
    try {
      for (const [index, entries] of journals.entries()) {
        writeJournal(this.#folder, result.id, entries, index + 1);
      }
    } catch (error) {
      throw unwritable(`the journal of \`${result.id}\` in ${this.#folder}`, error);
    }
  }

  async onRunEnd(report: RunReport): Promise<void> {
    if (this.#folder === undefined) return;
    try {
      await writeReports(this.#folder, report, this.#historyOf?.(report));
      this.#page = path.join(this.#folder, 'report.html');
      await pointLatest(this.#root, path.basename(this.#folder));
    } catch (error) {
      throw unwritable(`the report in ${this.#folder}`, error);
    }
  }
}
