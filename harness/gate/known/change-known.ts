import { existsSync } from 'node:fs';

import { exitCode } from '../../report/exit-code.ts';
import type { RunReport } from '../../report/run-report.ts';
import { type Exception, nothingKnown, readKnown, writeKnown } from './known-file.ts';
import { markKnown } from './mark-known.ts';
import { acceptKnown, pruneKnown } from './update-known.ts';

/** Wish to change a file of known findings after a run. */
export type KnownChange = {
  file: string;
  /** for new findings, which are then known; absent: none are added */
  accept?: Exception | undefined;
  /** removes those that no longer occur */
  prune: boolean;
  today: string;
};

/**
 * Changes a file of known findings by a report: a broken file is left as it is.
 *
 * @returns notices for people, and the exit code of the run with the new file
 * @throws LastfinError `LASTFIN_KNOWN_INVALID`, `LASTFIN_OUTPUT`
 */
export async function changeKnown(
  report: RunReport,
  { file, accept, prune, today }: KnownChange,
): Promise<{ notices: string[]; exitCode: number }> {
  // somebody may have edited it during the run
  let known = existsSync(file) ? readKnown(file) : nothingKnown();
  const notices: string[] = [];
  if (prune) {
    const { file: pruned, removed, released } = pruneKnown(known, report, today);
    known = pruned;
    notices.push(
      `${file}: ${removed.length} removed, which no longer ${removed.length === 1 ? 'occurs' : 'occur'}`,
      ...removed.map(({ target, identity }) => `  - ${identity} (${target})`),
      ...released.map((id) => `  - ${id}, out of quarantine`),
    );
  }
  if (accept !== undefined) {
    const { file: more, added, quarantined } = acceptKnown(known, report, accept, today);
    known = more;
    notices.push(
      `${file}: ${added.length} added, known until ${accept.expires}`,
      ...added.map(({ target, identity }) => `  + ${identity} (${target})`),
      ...quarantined.map((id) => `  + ${id}, flaky, in quarantine`),
    );
  }
  await writeKnown(file, known);
  const results = report.results.map((one) => markKnown(one, known, today));
  return { notices, exitCode: report.broken === undefined ? exitCode(results, report.interrupted) : 3 };
}
