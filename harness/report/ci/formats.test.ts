import { createRequire } from 'node:module';

import { Ajv, type ValidateFunction } from 'ajv';
import { validate } from 'ctrf';
import { assert, property, string } from 'fast-check';
import { Parser, type Result } from 'tap-parser';
import { describe, expect, test } from 'vitest';

import { aFailure, aResult, aRun, variety } from '../testing/sample-run.ts';
import type { RunReport } from '../run-report.ts';
import { toCodeQuality } from './code-quality.ts';
import { toCtrf } from './ctrf.ts';
import { toSarif } from './sarif.ts';
import { toTap } from './tap.ts';

const roots = { cwd: '/repo', root: '/repo' };
const report = aRun();

/** A run of which every text is this one. */
function aRunOf(text: string): RunReport {
  const position = { file: text, line: 1, column: 1, name: text };
  const parts = {
    scenario: text,
    about: text,
    reason: text,
    target: text,
    source: { file: text, line: 1, column: 1 },
  };
  const leak = { ...aFailure().findings[0], message: text, fingerprint: text, where: [position], path: text };
  return aRun([
    aResult({ ...parts, id: `${text} 1`, verdict: 'failed', findings: [leak as never] }),
    aResult({ ...parts, id: `${text} 2`, verdict: 'error' }),
    aResult({ ...parts, id: `${text} 3`, verdict: 'skipped' }),
  ]);
}

/** Runs a check on texts of all characters. */
function forAllTexts(check: (report: RunReport) => void): void {
  assert(
    property(string({ unit: 'binary' }), (text) => {
      check(aRunOf(text));
    }),
    { numRuns: 25 },
  );
}

describe('SARIF', () => {
  const isSarif = sarifSchema();
  const sarif = (one: RunReport): Sarif => JSON.parse(toSarif(one, roots)) as Sarif;

  test('fits the schema of SARIF 2.1.0, and the schema refuses what does not', () => {
    expect(isSarif(sarif(report)), JSON.stringify(isSarif.errors)).toBe(true);
    expect(isSarif({ ...sarif(report), runs: [{ results: [{}] }] })).toBe(false);
  });

  test('a suppressed result of a known finding fits, too', () => {
    const failed = aFailure();
    const findings = failed.findings.map((one) =>
      Object.assign({ ...one }, { known: { owner: 'a', reason: 'b' } }),
    );
    const known = sarif(aRun([{ ...failed, findings }]));
    expect(JSON.stringify(known)).toContain('"suppressions"');
    expect(isSarif(known), JSON.stringify(isSarif.errors)).toBe(true);
  });

  test('is as stored', async () => {
    await expect(toSarif(report, roots)).toMatchFileSnapshot('testing/sample.sarif.txt');
  });

  test('has a result a cause, with its fingerprint and the line that made it', () => {
    const [run] = sarif(report).runs;
    expect(run?.results).toHaveLength(report.causes.length);
    const leak = run?.results.find(({ ruleId }) => ruleId === 'leak/socket');
    expect(leak?.partialFingerprints.primaryLocationLineHash).toBe('socket outgoing web-incoming.js:154:20');
    // the program's own line comes before that of a dependency
    expect(leak?.locations[0]?.physicalLocation).toMatchObject({
      artifactLocation: { uri: 'src/server.js' },
      region: { startLine: 12, startColumn: 9 },
    });
    const steps = leak?.codeFlows?.[0]?.threadFlows[0]?.locations.map(
      ({ location }) => location.message.text,
    );
    expect(steps?.slice(0, 3)).toEqual(['(global)', 'server', '_events']);
  });

  test('each rule has what GitHub asks for, and each result a rule', () => {
    const [run] = sarif(report).runs;
    const rules = run?.tool.driver.rules ?? [];
    for (const { id, shortDescription, fullDescription, help } of rules) {
      expect(id).toMatch(/^[a-z-]+(?:\/[a-z-]+)?$/);
      for (const { text } of [shortDescription, fullDescription, help]) expect(text).toMatch(/^.{3,1024}$/s);
    }
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(rules[ruleIndex]?.id).toBe(ruleId);
  });

  test('no text makes it another', () => {
    forAllTexts((one) => expect(isSarif(sarif(one)), JSON.stringify(isSarif.errors)).toBe(true));
  });
});

type Sarif = {
  runs: {
    tool: {
      driver: {
        rules: Record<'shortDescription' | 'fullDescription' | 'help', { text: string }>[] & { id: string }[];
      };
    };
    results: {
      ruleId: string;
      ruleIndex: number;
      partialFingerprints: { primaryLocationLineHash: string };
      locations: { physicalLocation: unknown }[];
      codeFlows?: { threadFlows: { locations: { location: { message: { text: string } } }[] }[] }[];
    }[];
  }[];
};

/** The published schema; written for draft 4, it uses only words that draft 7 has with the same meaning. */
function sarifSchema(): ValidateFunction {
  const require = createRequire(import.meta.url);
  const schema = require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as Record<
    string,
    unknown
  >;
  const { $schema: _draft, id: _id, ...rest } = schema;
  const formats = { uri: true, 'uri-reference': true, 'date-time': true } as const;
  return new Ajv({ strict: false, unicodeRegExp: false, formats }).compile(rest);
}

describe('Code Quality of GitLab', () => {
  // the fields that GitLab documents: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
  const isCodeQuality = new Ajv().compile({
    type: 'array',
    items: {
      type: 'object',
      required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
      properties: {
        description: { type: 'string' },
        check_name: { type: 'string', minLength: 1 },
        fingerprint: { type: 'string', minLength: 1 },
        severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
        location: {
          type: 'object',
          required: ['path', 'lines'],
          properties: {
            path: { type: 'string', pattern: '^(?!/|\\./|\\.\\./)[^\\n]+$' },
            lines: {
              type: 'object',
              required: ['begin'],
              properties: { begin: { type: 'integer', minimum: 1 } },
            },
          },
        },
      },
    },
  });
  const entries = (one: RunReport): { fingerprint: string }[] =>
    JSON.parse(toCodeQuality(one, roots)) as { fingerprint: string }[];

  test('has the fields that GitLab reads, an entry a cause, each with a fingerprint of its own', () => {
    expect(isCodeQuality(entries(report)), JSON.stringify(isCodeQuality.errors)).toBe(true);
    expect(new Set(entries(report).map(({ fingerprint }) => fingerprint)).size).toBe(report.causes.length);
    expect(isCodeQuality([{ description: 'x' }])).toBe(false);
  });

  test('is as stored', async () => {
    await expect(toCodeQuality(report, roots)).toMatchFileSnapshot('testing/sample.code-quality.txt');
  });

  test('no text makes it another', () => {
    forAllTexts((one) =>
      expect(isCodeQuality(entries(one)), JSON.stringify(isCodeQuality.errors)).toBe(true),
    );
  });
});

describe('CTRF', () => {
  const problems = (one: RunReport): unknown => validate(JSON.parse(toCtrf(one))).errors ?? [];

  test('fits the published schema, and the schema refuses what does not', () => {
    expect(problems(report)).toEqual([]);
    expect(validate({ reportFormat: 'CTRF', specVersion: '0.0.0' }).valid).toBe(false);
  });

  test('is as stored', async () => {
    const started = '2026-01-02T03:04:06.000Z';
    const retried = { ...aResult({ verdict: 'flaky', attempts: 3 }), started };
    await expect(toCtrf(aRun([...variety(), retried]))).toMatchFileSnapshot('testing/sample.ctrf.txt');
  });

  test('its counts are those of its tests', () => {
    const { results } = JSON.parse(toCtrf(report)) as {
      results: { summary: Record<string, number>; tests: { status: string; flaky?: boolean }[] };
    };
    for (const status of ['passed', 'failed', 'skipped', 'other'])
      expect(results.summary[status]).toBe(results.tests.filter((one) => one.status === status).length);
    expect(results.summary['flaky']).toBe(results.tests.filter(({ flaky }) => flaky).length);
  });

  test('no text makes it another', () => {
    forAllTexts((one) => expect(problems(one)).toEqual([]));
  });
});

describe('TAP', () => {
  const points = (text: string): { all: Result[]; parser: Parser } => {
    const all: Result[] = [];
    const parser = new Parser({ strict: true });
    parser.on('assert', (point: Result) => void all.push(point));
    parser.end(text);
    return { all, parser };
  };

  test('a strict reader of TAP 14 finds each case, its skip and its diagnostics', () => {
    const { all, parser } = points(toTap(report));
    expect(parser.failures.filter((one) => one.tapError !== null)).toEqual([]);
    expect(all).toHaveLength(7);
    const byName = new Map(all.map((point) => [point.name, point]));
    expect(byName.get('faults/client-reset[phase=idle,count=20]')?.ok).toBe(true);
    expect(byName.get('field/hp-abort[count=20]')).toMatchObject({
      ok: false,
      diag: { verdict: 'failed', message: expect.stringContaining('20 open sockets left') },
    });
    expect(byName.get('faults/blackhole[family=ipv6]')?.skip).toContain('needs a network namespace');
  });

  test('is as stored', async () => {
    await expect(toTap(report)).toMatchFileSnapshot('testing/sample.tap.txt');
  });

  test('a run that broke off bails out', () => {
    expect(points(toTap({ ...report, broken: 'no disk\n' })).parser.bailedOut).toBe('no disk');
  });

  test('no text makes another test point', () => {
    forAllTexts((one) => {
      const { all } = points(toTap(one));
      expect(all).toHaveLength(3);
      expect(all.map(({ ok }) => ok)).toEqual([false, false, true]);
    });
  });
});
