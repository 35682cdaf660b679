import { plainLine } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import { labErrorsByReason } from './lab-errors.ts';
import { adviceOf, type PlacedCause, placedCauses } from './placed-causes.ts';
import type { Roots } from './repository-path.ts';
import { workflowCommand } from './workflow-command.ts';

/** Annotations of a kind that GitHub shows of one step; it drops the others without a word. */
const MOST = 10;

type Level = 'error' | 'warning' | 'notice';

/**
 * Annotations of a run, a line each: an error a cause, the most frequent first, and an error a reason why the lab failed; a warning for a
 * cause of which all cases passed in the end, a notice for one that is known. At most ten of a kind: the tenth counts the rest.
 */
export function annotations(report: RunReport, roots: Roots): string[] {
  const placed = placedCauses(report, roots);
  const of = (level: Level): string[] =>
    placed.filter((one) => levelOf(one) === level).map((one) => annotation(one, level));
  return [
    ...bounded('error', [...of('error'), ...labErrors(report)]),
    ...bounded('warning', of('warning')),
    ...bounded('notice', of('notice')),
  ];
}

function levelOf({ known, flaky }: PlacedCause): Level {
  if (known !== undefined) return 'notice';
  return flaky ? 'warning' : 'error';
}

const NOTES: Record<Level, string> = { error: '', warning: ' (flaky)', notice: ' (known)' };

function annotation(placed: PlacedCause, level: Level): string {
  const { cause, rule, place } = placed;
  const where = place === undefined ? {} : { file: place.file, line: place.line, col: place.column };
  const title = `lastfin: ${rule}${NOTES[level]}`;
  return workflowCommand(
    level,
    { ...where, title },
    [plainLine(cause.message), ...adviceOf(placed)].join('\n'),
  );
}

function labErrors(report: RunReport): string[] {
  const { broken } = report;
  const title = 'lastfin: the lab failed';
  return [
    ...(broken === undefined
      ? []
      : [workflowCommand('error', { title: 'lastfin: the run broke off' }, broken)]),
    ...[...labErrorsByReason(report)]
      .toSorted(([, a], [, b]) => b.length - a.length)
      .map(([reason, ids]) => workflowCommand('error', { title }, `${reason}\n${inWords(ids)}`)),
  ];
}

function inWords(ids: readonly string[]): string {
  const more = ids.length === 1 ? '' : ` and ${ids.length - 1} more`;
  return `in ${plainLine(ids[0] ?? '')}${more}; it says nothing about the target`;
}

function bounded(level: Level, lines: readonly string[]): string[] {
  if (lines.length <= MOST) return [...lines];
  const rest = lines.length - MOST + 1;
  const note = `${rest} more are in the summary of this job and in report.json`;
  return [...lines.slice(0, MOST - 1), workflowCommand(level, { title: 'lastfin' }, note)];
}
