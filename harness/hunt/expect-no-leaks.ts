import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { beginStackWith } from '../../shared/errors/begin-stack-with.ts';
import type { ReportedCase } from '../report/reported-case.ts';
import type { RunReport } from '../report/run-report.ts';
import { causesInWords } from '../report/terminal/causes-text.ts';
import { palette } from '../report/terminal/palette.ts';
import { plainText } from '../report/plain-text.ts';

/** Width of the text, columns: runners indent it and do not wrap it. */
const WIDTH = 110;
/** Cases whose reasons are shown: the rest is in the report. */
const MOST = 5;

/**
 * Throws unless every case of a run passed, and at least one did. The message is the causes as the terminal has them, without colours;
 * the stack begins with the lines of the first cause, so that a test runner shows the leaking line.
 *
 * @throws LastfinError `LASTFIN_FOUND` for findings, `LASTFIN_LAB` where the lab failed or every case was skipped,
 * `LASTFIN_INTERRUPTED` for a run that its signal ended
 * @example
 * import { expectNoLeaks, hunt } from 'lastfin';
 *
 * const run = await hunt({ target: 'proxy', cases: ['lifecycle/close-unused[by=client]'] });
 * expectNoLeaks(run);
 */
export function expectNoLeaks(report: RunReport): void {
  const error = problemOf(report);
  if (error === undefined) return;
  const [first] = report.causes;
  const lines = error.code === 'LASTFIN_FOUND' ? (first?.lines ?? []) : [];
  throw beginStackWith(
    error,
    lines.map((line) => ({ ...line, file: path.resolve(line.file) })),
    expectNoLeaks,
  );
}

function problemOf(report: RunReport): LastfinError | undefined {
  const { counts, causes, exitCode, interrupted, results, summary } = report;
  const facts = { summary, counts, fingerprints: causes.map(({ fingerprint }) => fingerprint) };
  // what was found counts, whatever else has gone wrong
  if (counts.failed + counts.flaky > 0) {
    const text = causesInWords(report, palette(false), WIDTH).join('\n');
    return new LastfinError('LASTFIN_FOUND', text, { facts });
  }
  if (interrupted)
    return new LastfinError('LASTFIN_INTERRUPTED', `the run was interrupted: ${summary}`, { facts });
  if (exitCode === 0 && counts.passed > 0) return undefined;
  const reasons = reasonsOf(results).map((one) => `\n  ${one}`);
  const why = counts.error > 0 ? summary : 'no case was run: nothing is known of the target';
  return new LastfinError('LASTFIN_LAB', `${why}${reasons.join('')}`, { facts });
}

function reasonsOf(results: readonly ReportedCase[]): string[] {
  const reasons = results.flatMap(({ id, verdict, reason }) =>
    reason === undefined ? [] : [`${id}: ${verdict}: ${plainText(reason)}`],
  );
  const more = reasons.length - MOST;
  return more > 0 ? [...reasons.slice(0, MOST), `and ${more} more`] : reasons;
}
