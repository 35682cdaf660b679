import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import type { CaseResult } from '../harness/judge/verdict.ts';
import type { Entry } from '../harness/run/journal.ts';
import { writeJournal } from './journal-file.ts';
import { toJson } from './json.ts';
import { toJUnit } from './junit.ts';
import type { Reporter } from './reporter.ts';
import { unwritable } from './unwritable.ts';
import { makeRunFolder, pointLatest } from './run-folder.ts';
import type { RunReport } from './run.ts';

/**
 * Writes `report.json` and `junit.xml` into a run's folder.
 *
 * @example
 * await writeReports('reports/runs/2026-01-02T03-04-05.678Z', report);
 */
export async function writeReports(folder: string, report: RunReport): Promise<void> {
  await Promise.all([
    writeFile(join(folder, 'report.json'), toJson(report)),
    writeFile(join(folder, 'junit.xml'), toJUnit(report)),
  ]);
}

/**
 * Keeps a run on disk under `<root>/runs/…`: each journal when its case has ended, the reports at the end of the run, and then
 * `<root>/latest`, so that what it points at is always complete.
 *
 * @example
 * const files = new FilesReporter('reports');
 * await files.onRunStart({ started: new Date() });
 */
export class FilesReporter implements Reporter {
  readonly #root: string;
  #folder: string | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** The run's folder; undefined before the run has started. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** @throws LastfinError `LASTFIN_OUTPUT`, as do the others, where a file cannot be written */
  async onRunStart(run: { started: Date }): Promise<void> {
    try {
      this.#folder = await makeRunFolder(this.#root, run.started);
    } catch (error) {
      throw unwritable(`the reports folder ${this.#root}`, error);
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
      await writeReports(this.#folder, report);
      await pointLatest(this.#root, basename(this.#folder));
    } catch (error) {
      throw unwritable(`the report in ${this.#folder}`, error);
    }
  }
}
