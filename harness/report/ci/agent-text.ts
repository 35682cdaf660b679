import { place } from '../finding-text.ts';
import { FINDING_GUIDE } from '../guide/finding-guide.ts';
import { plainLine } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import { labErrorsByReason } from './lab-errors.ts';
import { placedCauses } from './placed-causes.ts';

/** Causes in full; the report has the others. */
const MOST = 20;
const MOST_LINES = 4;

/**
 * The outcome for a reader that pays for each word, such as a coding agent: the counts, each cause with its lines, its fix and the command
 * to see it again, and nothing about what passed.
 *
 * @param where path of the run's folder, for more
 */
export function agentText(report: RunReport, where?: string): string {
  const { counts, broken, interrupted } = report;
  const all = placedCauses(report, { cwd: '/', root: '/' });
  const placed = all.filter(({ known }) => known === undefined);
  const exempt = all.length - placed.length;
  const lines = [
    `${report.summary}. cases: ${Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([verdict, count]) => `${count} ${verdict}`)
      .join(', ')}; exit code ${report.exitCode}`,
    ...(broken === undefined ? [] : [`run broke off: ${plainLine(broken)}`]),
    ...(interrupted ? ['run was interrupted'] : []),
    ...placed
      .slice(0, MOST)
      .flatMap(({ cause, rule, flaky }, index) => [
        `${index + 1}. ${rule}${flaky ? ' (flaky)' : ''}: ${plainLine(cause.message)}`,
        ...cause.joined.map(({ message }) => `   with: ${plainLine(message)}`),
        ...cause.lines.slice(0, MOST_LINES).map((line) => `   at ${place(line)}`),
        `   cases: ${cause.cases}; fix: ${FINDING_GUIDE[rule]?.fix ?? 'see docs/findings.md'}`,
        ...(cause.smallest.rerun === undefined ? [] : [`   rerun: ${plainLine(cause.smallest.rerun)}`]),
        ...(cause.smallest.journal === undefined || where === undefined
          ? []
          : [`   journal: ${plainLine(`${where}/${cause.smallest.journal}`)}`]),
      ]),
    ...(placed.length > MOST ? [`${placed.length - MOST} more causes in the report`] : []),
    ...(exempt === 0 ? [] : [`${exempt} known ${exempt === 1 ? 'cause' : 'causes'}, not shown: no failure`]),
    ...[...labErrorsByReason(report)].map(
      ([reason, ids]) =>
        `lab error (not the target's fault) in ${ids.length}, first ${plainLine(ids[0] ?? '')}: ${reason}`,
    ),
    ...(where === undefined || report.exitCode === 0 ? [] : [`report: ${plainLine(where)}/report.json`]),
  ];
  return `${lines.join('\n')}\n`;
}
