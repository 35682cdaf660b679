import { LastfinError } from '../../../../shared/errors/lastfin-error.ts';
import { commitOf } from '../../../gate/git-commit.ts';
import { appendHistory, historyFile, historyLine, readHistory } from '../../../gate/history.ts';
import type { HtmlParts } from '../../../report/html/html-report.ts';
import type { RunReport } from '../../../report/run-report.ts';

/** Runs so far in a reports folder, for the trend that a page shows; none where the history is broken, which is told when this run is appended. */
export function trendOf(out: string, report: RunReport): HtmlParts['history'] {
  try {
    return { earlier: readHistory(historyFile(out)), now: historyLine(report, commitOf('.')) };
  } catch (error) {
    if (!(error instanceof LastfinError)) throw error;
    return undefined;
  }
}

/** Appends a run to the history of its reports folder. A history that refuses is told, and does not change what the run came to. */
export async function keepHistory(out: string, report: RunReport): Promise<void> {
  try {
    await appendHistory(historyFile(out), historyLine(report, commitOf('.')));
  } catch (error) {
    if (!(error instanceof LastfinError)) throw error;
    process.stderr.write(`this run is not in the history: ${error.message}\n`);
  }
}
