import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { readLatest } from '../../report/files/read-latest.ts';
import type { ChosenCase } from '../../suite/chosen-case.ts';

/** Cases to run again, absent where nothing failed, and notices for the user. */
export type LastFailed = { chosen?: ChosenCase[]; notices: string[] };

/**
 * Narrows a selection to the cases that failed, were flaky or had an error of the lab in the last run.
 *
 * @param out the reports folder
 * @throws LastfinError `LASTFIN_USAGE` where there is no last run, or none of its failures is among the selected cases
 */
export function lastFailed(selected: readonly ChosenCase[], out: string): LastFailed {
  const report = readLatest(out);
  if (report === undefined) {
    throw new LastfinError(
      'LASTFIN_USAGE',
      `--last-failed: there is no report of an earlier run in ${out}/latest; run without it first, or name the folder with --out`,
    );
  }
  const failed = report.results.filter(({ verdict }) => verdict !== 'passed' && verdict !== 'skipped');
  if (failed.length === 0)
    return { notices: [`nothing failed in the last run (${report.started}): nothing to run again`] };
  const targets = new Map(failed.map(({ id, target }) => [id, target]));
  const chosen = selected.filter(({ testCase }) => targets.has(testCase.id));
  const cases = chosen.map(({ testCase }) => testCase);
  if (cases.length === 0) {
    throw new LastfinError(
      'LASTFIN_USAGE',
      `--last-failed: none of the ${inCases(failed.length)} that failed in the last run is among the selected ones; ` +
        `the first is \`${failed[0]?.id}\``,
    );
  }
  const left = failed.length - cases.length;
  const moved = cases.filter(({ id, target }) => targets.get(id) !== target);
  return {
    chosen,
    notices: [
      ...(left === 0
        ? []
        : [
            `${inCases(left)} that failed in the last run ${left === 1 ? 'is' : 'are'} not among the selected ones`,
          ]),
      ...(moved.length === 0
        ? []
        : [`they failed on \`${targets.get(moved[0]?.id ?? '')}\`, and run on \`${moved[0]?.target}\` now`]),
    ],
  };
}

function inCases(count: number): string {
  return `${count} ${count === 1 ? 'case' : 'cases'}`;
}
