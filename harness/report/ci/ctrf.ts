import type { Verdict } from '../../judge/verdict.ts';
import { findingLines } from '../finding-text.ts';
import { safeJson } from '../files/json.ts';
import { plainLine, plainText } from '../plain-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { RunReport } from '../run-report.ts';
import { exemptAs } from './exempt.ts';

const STATUS = {
  passed: 'passed',
  failed: 'failed',
  // it passed in the end; the field `flaky` tells it apart
  flaky: 'passed',
  skipped: 'skipped',
  error: 'other',
} as const satisfies Record<Verdict, string>;

/**
 * The report in the Common Test Report Format (https://ctrf.io), a test a case.
 *
 * @example
 * writeFileSync('ctrf.json', toCtrf(report));
 */
export function toCtrf(report: RunReport): string {
  const { counts, results } = report;
  const tests = results.map(testOf);
  const count = (status: Status): number => tests.filter((test) => test.status === status).length;
  const start = Date.parse(report.started);
  const suites = new Set(results.map(({ scenario }) => scenario)).size;
  return `${safeJson(
    {
      reportFormat: 'CTRF',
      specVersion: '0.0.0',
      generatedBy: 'lastfin',
      results: {
        tool: { name: 'lastfin', version: report.lastfin },
        summary: {
          tests: results.length,
          passed: count('passed'),
          failed: count('failed'),
          skipped: count('skipped'),
          pending: 0,
          other: count('other'),
          flaky: counts.flaky,
          suites,
          start,
          stop: start + Math.round(report.took),
        },
        tests,
        environment: { extra: { node: report.node, platform: report.platform, seed: report.seed } },
      },
    },
    2,
  )}\n`;
}

type Status = (typeof STATUS)[Verdict];

function testOf(result: ReportedCase): { status: Status } & Record<string, unknown> {
  const { id, scenario, verdict, took, reason, findings, source, attempts = 1 } = result;
  const known = exemptAs(result);
  const message = reason ?? findings[0]?.message;
  const trace = findings.flatMap((finding) => [...findingLines(finding), '']).join('\n');
  return {
    name: plainLine(id),
    // known: it must not turn a build red that the run leaves green
    status: verdict === 'failed' && known !== undefined ? 'other' : STATUS[verdict],
    duration: Math.round(took),
    ...timesOf(result),
    suite: plainLine(scenario).split('/'),
    rawStatus: verdict,
    ...(message === undefined ? {} : { message: plainText(message) }),
    ...(trace === '' ? {} : { trace: trace.trimEnd() }),
    ...(source.file === '' ? {} : { filePath: plainLine(source.file), line: source.line }),
    ...(attempts === 1 ? {} : { retries: attempts - 1 }),
    ...(verdict === 'flaky' ? { flaky: true } : {}),
    extra: {
      target: plainLine(result.target),
      ...(known === undefined || findings.length === 0 ? {} : { known: plainLine(known) }),
      ...(result.fidelity === undefined ? {} : { fidelity: result.fidelity }),
      ...(result.rerun === undefined ? {} : { rerun: plainLine(result.rerun) }),
      ...(result.journal === undefined ? {} : { journal: plainLine(result.journal) }),
    },
  };
}

function timesOf({ started, took }: ReportedCase): { start?: number; stop?: number } {
  if (started === undefined) return {};
  const start = Date.parse(started);
  return { start, stop: start + Math.round(took) };
}
