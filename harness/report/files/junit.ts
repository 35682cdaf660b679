import path from 'node:path';

import type { TestCase, TestSuite } from 'junit-report-builder';

import type { Outcome } from '../../judge/verdict.ts';
import { isExempt } from '../exit-code.ts';
import { findingLines, place } from '../finding-text.ts';
import { newJUnitBuilder } from './junit-builder.ts';
import { notSeen } from '../not-seen.ts';
import { firstLine, plainLine, plainText } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import type { ReportedCase } from '../reported-case.ts';

/** Facts that a report does not hold: the machine, and the folder of the run, by which CI systems attach journals. */
export type JUnitOptions = { hostname?: string; folder?: string };

/**
 * The report as JUnit XML, a suite a scenario: what CI systems read. Failures carry all findings as text. Runs that failed before a case passed are
 * told as Maven Surefire does, by `flakyFailure`; later failures by `rerunFailure`.
 *
 * @example
 * writeFileSync('junit.xml', toJUnit(report));
 */
export function toJUnit(report: RunReport, { hostname, folder }: JUnitOptions = {}): string {
  const root = newJUnitBuilder().name('lastfin');
  for (const [scenario, results] of byScenario(report.results)) {
    const suite = root
      .testSuite()
      .name(plainLine(scenario))
      .timestamp(startOf(results) ?? report.started);
    if (hostname !== undefined)
      afterBuild(suite, (element) => void element.att('hostname', plainLine(hostname)));
    suite.time(seconds(results.reduce((sum, one) => sum + one.took, 0)));
    if (report.lab !== undefined) suite.property('lab', report.lab.mode);
    if (report.lab?.why !== undefined) suite.property('lab.why', plainLine(report.lab.why));
    for (const result of results) addCase(suite, result, folder);
  }
  return root.build();
}

/** Seconds with three places, as Surefire's schema has them. */
function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

function byScenario(results: readonly ReportedCase[]): Map<string, ReportedCase[]> {
  const groups = new Map<string, ReportedCase[]>();
  for (const result of results) groups.set(result.scenario, [...(groups.get(result.scenario) ?? []), result]);
  return groups;
}

/** When the first case of a suite began. */
function startOf(results: readonly ReportedCase[]): string | undefined {
  return results.flatMap(({ started }) => started ?? []).toSorted()[0];
}

function addCase(suite: TestSuite, result: ReportedCase, folder?: string): void {
  const test = suite.testCase().className(plainLine(result.scenario)).name(plainLine(result.id));
  test.time(seconds(result.took));
  if (result.source.file !== '') test.file(plainLine(result.source.file));
  if (result.fidelity !== undefined) test.property('fidelity', result.fidelity);
  if (result.lab !== undefined) test.property('lab', result.lab);
  const notes = [
    ...notSeen(result).map((what) => `not seen: ${plainLine(what)}`),
    ...(result.excused ?? []).map(
      ({ reason, finding }) => `excused: ${plainLine(finding.message)} (${plainLine(reason)})`,
    ),
  ];
  // the form that Jenkins and GitLab attach a file by
  if (folder !== undefined && result.journal !== undefined && result.findings.length > 0)
    notes.push(`[[ATTACHMENT|${plainLine(path.resolve(folder, result.journal))}]]`);
  if (notes.length > 0) test.standardOutput(cdata(notes.join('\n')));
  const reason = firstLine(result.reason ?? '');
  const body = cdata(bodyOf(result));
  switch (result.verdict) {
    case 'passed':
      return;
    case 'flaky':
      // many CI systems know no third state: the findings go where people look for them, too
      test.property('flaky', 'true').standardError(body);
      addRuns(test, 'flakyFailure', failuresOf(result), body);
      return;
    case 'failed':
      if (isExempt(result)) {
        // it must not turn a build red that the run leaves green
        test.property('known', 'true').standardError(body);
        return;
      }
      test.failure(summary(result), result.findings[0]?.kind ?? 'finding').stacktrace(body);
      addRuns(test, 'rerunFailure', failuresOf(result).slice(1), body);
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

/** Element of the XML, as the builder makes it. */
type XMLElement = ReturnType<TestCase['build']>;

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

/** Failed runs of a case; those of reports without outcomes are known by their findings only. */
function failuresOf({ outcomes, findings }: ReportedCase): Pick<Outcome, 'kind' | 'message'>[] {
  if (outcomes === undefined) return findings.slice(0, 1);
  return outcomes.filter(({ verdict }) => verdict === 'failed');
}

/** Adds an element of Surefire for each failed run; the first has all findings. */
function addRuns(
  test: TestCase,
  name: 'flakyFailure' | 'rerunFailure',
  runs: readonly Pick<Outcome, 'kind' | 'message'>[],
  body: string,
): void {
  afterBuild(test, (element) => {
    for (const [index, { kind = 'finding', message = 'failed' }] of runs.entries()) {
      const run = element.ele(name, { message: plainLine(message), type: kind });
      const all = name === 'flakyFailure' && index === 0;
      run.ele('stackTrace').cdata(all ? body : cdata(plainText(message)));
    }
    // the order of Surefire's schema: output comes last
    element.children.sort((a, b) => Number(isOutput(a)) - Number(isOutput(b)));
  });
}

function isOutput(node: object): boolean {
  return 'name' in node && (node.name === 'system-out' || node.name === 'system-err');
}

/** Adds to an element what the builder does not know. */
function afterBuild(node: TestCase | TestSuite, add: (element: XMLElement) => void): void {
  const build: (parent: XMLElement) => XMLElement = node.build.bind(node);
  node.build = (parent?: XMLElement) => {
    if (parent === undefined) throw new TypeError('an element of a JUnit report without its parent');
    const element = build(parent);
    add(element);
    return element;
  };
}

/** The builder has no reason for a skip, so the element is added here. */
function skip(test: TestCase, reason: string): void {
  afterBuild(test, (element) => {
    element.ele('skipped', { message: reason });
  });
  test.getSkippedCount = () => 1;
}

/** The builder escapes only the first end of a CDATA section. */
function cdata(text: string): string {
  return text.replaceAll(']]>', ']] >');
}
