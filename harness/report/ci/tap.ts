import { findingLines } from '../finding-text.ts';
import { plainLine, plainText } from '../plain-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { RunReport } from '../run-report.ts';
import { exemptAs } from './exempt.ts';

/**
 * The report as TAP 14, a test point a case. A flaky case is `not ok`, as the run's exit code says; an error of the lab, too. What is known is
 * `TODO`.
 *
 * @example
 * writeFileSync('report.tap', toTap(report));
 */
export function toTap(report: RunReport): string {
  const { results, broken, interrupted } = report;
  const lines = [
    'TAP version 14',
    `1..${results.length}`,
    ...results.flatMap((one, index) => pointOf(one, index + 1)),
  ];
  if (broken !== undefined) lines.push(`Bail out! ${plainLine(broken)}`);
  else if (interrupted) lines.push('Bail out! the run was interrupted');
  return `${lines.join('\n')}\n`;
}

function pointOf(result: ReportedCase, number: number): string[] {
  const { id, verdict, reason, findings } = result;
  const ok = verdict === 'passed' || verdict === 'skipped';
  // a reader of TAP takes a failure that is to be done for a pass
  const known = ok || verdict === 'error' ? undefined : exemptAs(result);
  const todo = known === undefined ? '' : ` # TODO ${escaped(plainLine(known))}`;
  const skip = verdict === 'skipped' ? ` # SKIP ${escaped(plainLine(reason ?? ''))}` : '';
  const point = `${ok ? 'ok' : 'not ok'} ${number} - ${escaped(plainLine(id))}${skip}${todo}`.trimEnd();
  if (ok) return [point];
  const fields: [string, unknown][] = [
    ['verdict', verdict],
    ['message', plainText(reason ?? findings[0]?.message ?? '')],
    ['severity', 'fail'],
    ['duration_ms', result.took],
    ['file', plainLine(result.source.file)],
    ['findings', findings.map((finding) => findingLines(finding).join('\n'))],
    ['rerun', result.rerun === undefined ? undefined : plainLine(result.rerun)],
    ['journal', result.journal === undefined ? undefined : plainLine(result.journal)],
  ];
  // JSON is YAML: a string of it cannot leave the block
  const block = fields.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name}: ${JSON.stringify(value)}`],
  );
  return [point, '  ---', ...block, '  ...'];
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('#', String.raw`\#`);
}
