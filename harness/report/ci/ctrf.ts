import type { Verdict } from '../../judge/verdict.ts';
import { findingLines } from '../finding-text.ts';
import { safeJson } from '../files/json.ts';
import { plainLine, plainText } from '../plain-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { RunReport } from '../run-report.ts';

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
          passed: counts.passed + counts.flaky,
          failed: counts.failed,
          skipped: counts.skipped,
          pending: 0,
          other: counts.error,
          flaky: counts.flaky,
          suites,
          start,
          stop: start + Math.round(report.took),
        },
        tests: results.map(testOf),
        environment: { extra: { node: report.node, platform: report.platform, seed: report.seed } },
      },
    },
    2,
  )}\n`;
}

function testOf(result: ReportedCase): unknown {
  const { id, scenario, verdict, took, reason, findings, source, attempts = 1 } = result;
  const message = reason ?? findings[0]?.message;
  const trace = findings.flatMap((finding) => [...findingLines(finding), '']).join('\n');
  return {
    name: plainLine(id),
    status: STATUS[verdict],
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
