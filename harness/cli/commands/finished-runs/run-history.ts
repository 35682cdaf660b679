import { LastfinError } from '../../../../shared/errors/lastfin-error.ts';
import { commitOf } from '../../../gate/git-commit.ts';
import {
  appendHistory,
  historyFile,
  type HistoryLine,
  historyLine,
  readHistory,
} from '../../../gate/history.ts';
import type { HtmlParts } from '../../../report/html/html-report.ts';
import type { RunReport } from '../../../report/run-report.ts';

/** History of a reports folder, as one run reads it and is kept in it. */
export class RunHistory {
  readonly #file: string;
  #line: HistoryLine | undefined;

  /** @param out folder of the reports */
  constructor(out: string) {
    this.#file = historyFile(out);
  }

  /** Runs so far, for the trend that a page shows; none where the history is broken, which is told when this run is kept. */
  trend(report: RunReport): HtmlParts['history'] {
    try {
      return { earlier: readHistory(this.#file), now: this.#lineOf(report) };
    } catch (error) {
      if (!(error instanceof LastfinError)) throw error;
      return undefined;
    }
  }

  /** Appends the run. A history that refuses is told, and does not change what the run came to. */
  async keep(report: RunReport): Promise<void> {
    try {
      await appendHistory(this.#file, this.#lineOf(report));
    } catch (error) {
      if (!(error instanceof LastfinError)) throw error;
      process.stderr.write(`this run is not in the history: ${error.message}\n`);
    }
  }

  /** Line of the run: of all its cases, and of the commit that git's files name, so it is made once. */
  #lineOf(report: RunReport): HistoryLine {
    return (this.#line ??= historyLine(report, commitOf('.')));
  }
}
