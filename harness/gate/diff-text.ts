import { duration } from '../report/duration.ts';
import { plainLine } from '../report/plain-text.ts';
import type { ReportDiff } from './diff-reports.ts';
import type { DistinctFinding } from './distinct-findings.ts';

/** Lines of one kind that are printed; `--json` has all. */
const MOST = 20;

/** Difference of two reports in words; one line where there is none. */
export function diffInWords(diff: ReportDiff): string[] {
  const sections: [string, string[]][] = [
    ['new', diff.new.map((one) => `+ ${finding(one)}`)],
    ['gone', diff.gone.map((one) => `- ${finding(one)}`)],
    [
      'slower',
      diff.slower.map(
        ({ id, what, before, after }) => `${id}: ${what} ${duration(before)} → ${duration(after)}`,
      ),
    ],
    ['newly flaky', diff.newlyFlaky],
    ['newly skipped', diff.newlySkipped.map(({ id, reason }) => `${id}: ${reason}`)],
    ['cases that were not there before', diff.added],
    ['cases that are no longer there', diff.missing],
  ];
  const lines = sections
    .filter(([, some]) => some.length > 0)
    .flatMap(([name, some]) => [
      `${name}: ${some.length}`,
      ...some.slice(0, MOST).map((line) => `  ${plainLine(line)}`),
      ...(some.length > MOST ? [`  and ${some.length - MOST} more`] : []),
    ]);
  return lines.length === 0 ? ['no difference'] : lines;
}

function finding({ kind, message, cases, identity, target }: DistinctFinding): string {
  return `${kind}: ${message} [${identity}] on ${target}, in ${cases.length === 1 ? cases[0] : `${cases.length} cases, such as ${cases[0]}`}`;
}
