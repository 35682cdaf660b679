import type { TestCase, TestSuite } from 'junit-report-builder';

import { isExempt } from '../exit-code.ts';
import { findingLines, place } from '../finding-text.ts';
import { newJUnitBuilder } from './junit-builder.ts';
import { notSeen } from '../not-seen.ts';
import { firstLine, plainLine, plainText } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import type { ReportedCase } from '../reported-case.ts';

/**
 * The report as JUnit XML, a suite a scenario: what CI systems read. Failures carry all findings as text.
 *
 * @example
 * writeFileSync('junit.xml', toJUnit(report));
 */
export function toJUnit(report: RunReport): string {
  const root = newJUnitBuilder().name('lastfin');
  for (const [scenario, results] of byScenario(report.results)) {
    const suite = root.testSuite().name(plainLine(scenario)).timestamp(report.started);
    suite.time(results.reduce((sum, one) => sum + one.took, 0) / 1000);
    if (report.lab !== undefined) suite.property('lab', report.lab.mode);
    if (report.lab?.why !== undefined) suite.property('lab.why', plainLine(report.lab.why));
    for (const result of results) addCase(suite, result);
  }
  return root.build();
}

function byScenario(results: readonly ReportedCase[]): Map<string, ReportedCase[]> {
  const groups = new Map<string, ReportedCase[]>();
  for (const result of results) groups.set(result.scenario, [...(groups.get(result.scenario) ?? []), result]);
  return groups;
}

function addCase(suite: TestSuite, result: ReportedCase): void {
  const test = suite.testCase().className(plainLine(result.scenario)).name(plainLine(result.id));
  test.time(result.took / 1000);
  if (result.source.file !== '') test.file(plainLine(result.source.file));
  if (result.fidelity !== undefined) test.property('fidelity', result.fidelity);
  if (result.lab !== undefined) test.property('lab', result.lab);
  const notes = [
    ...notSeen(result).map((what) => `not seen: ${plainLine(what)}`),
    ...(result.excused ?? []).map(
      ({ reason, finding }) => `excused: ${plainLine(finding.message)} (${plainLine(reason)})`,
    ),
  ];
  if (notes.length > 0) test.standardOutput(cdata(notes.join('\n')));
  const reason = firstLine(result.reason ?? '');
  const body = cdata(bodyOf(result));
  switch (result.verdict) {
    case 'passed':
      return;
    case 'flaky':
      // It passed in the end, and CI systems know no third state: the findings go where people look for them.
      test.property('flaky', 'true').standardError(body);
      return;
    case 'failed':
      if (isExempt(result)) {
        // it must not turn a build red that the run leaves green
        test.property('known', 'true').standardError(body);
        return;
      }
      test.failure(summary(result), result.findings[0]?.kind ?? 'finding').stacktrace(body);
      return;
    case 'error':
      test.error(reason, 'lab-error', body);
      return;
    case 'skipped':
      skip(test, reason);
      return;
  }
}

function summary({ findings }: ReportedCase): string {
  const first = plainLine(findings[0]?.message ?? 'failed');
  return findings.length > 1 ? `${first} (and ${findings.length - 1} more)` : first;
}

function bodyOf(result: ReportedCase): string {
  return [
    plainLine(result.about),
    ...(result.source.file === '' ? [] : [`scenario: ${place(result.source)}`]),
    ...(result.reason === undefined ? [] : ['', plainText(result.reason)]),
    ...result.findings.flatMap((finding) => ['', ...findingLines(finding)]),
    '',
    ...(result.rerun === undefined ? [] : [`again: ${plainLine(result.rerun)}`]),
    ...(result.journal === undefined ? [] : [`journal: ${plainLine(result.journal)}`]),
  ].join('\n');
}

/** The builder has no reason for a skip, so the element is added here. */
function skip(test: TestCase, reason: string): void {
  const build = test.build.bind(test);
  test.build = (parent) => {
    const element = build(parent);
    element.ele('skipped', { message: reason });
    return element;
  };
  test.getSkippedCount = () => 1;
}

/** The builder escapes only the first end of a CDATA section. */
function cdata(text: string): string {
  return text.replaceAll(']]>', ']] >');
}
