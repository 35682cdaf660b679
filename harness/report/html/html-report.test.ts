import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

import { beforeAll, describe, expect, test } from 'vitest';

import { compiled } from '../../../shared/package-root.ts';
import type { CaseResult } from '../../judge/verdict.ts';
import { aResult, aFailure, aRun, variety } from '../testing/sample-run.ts';
import { aTimedFailure, aTimedJournal } from '../testing/timed-run.ts';
import { FINDING_GUIDE } from '../guide/finding-guide.ts';
import { guideOf, ruleOf } from '../guide/finding-rule.ts';
import { type HtmlParts, toHtml } from './html-report.ts';
import { harmless } from './pack.ts';
import type { CaseData, RunData } from './run-data.ts';

const NASTY = '</script><img src=x onerror=alert(1)><!-- \u001B[31mred\u001B[0m \u202Egnp.exe\u0000 "\'&';

let parts: HtmlParts;

beforeAll(() => {
  parts = {
    template: readFileSync(compiled('harness/report/page/report.html'), 'utf8'),
    journalsOf: () => [aTimedJournal()],
    readSource: (file) =>
      file === 'test/programs/two-mistakes.mjs' ? 'a\nb\nc\nd\ne\nf\ng\nleak();\ni' : undefined,
  };
});

const write = (results: CaseResult[], changes: Partial<HtmlParts> = {}): string =>
  toHtml(aRun(results), { ...parts, ...changes });

/** Blocks of data of a page, by id. */
function blocksOf(html: string): Map<string, string> {
  const found = html.matchAll(/<script type="application\/octet-stream" id="([^"]+)">([^<]*)<\/script>/g);
  return new Map([...found].map(([, id = '', text = '']) => [id, text]));
}

const unpack = (text = ''): unknown => JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString());
const readRun = (html: string): RunData => unpack(blocksOf(html).get('run')) as RunData;
const readCase = (html: string, index: number): CaseData =>
  unpack(blocksOf(html).get(`case-${index}`)) as CaseData;

describe('report.html', () => {
  test('has the run, a block for each case, what needs looking at first, and the code of the lines', () => {
    const html = write([...variety(), aTimedFailure()]);
    const { run, rows, frames, thinned } = readRun(html);
    expect(run.summary).toBe('2 cases failed, 1 case was flaky, 5 causes, 1 error of the lab');
    expect(rows.map(({ verdict }) => verdict)).toEqual([
      'failed',
      'failed',
      'error',
      'flaky',
      'passed',
      'passed',
      'passed',
      'skipped',
    ]);
    expect(frames['test/programs/two-mistakes.mjs:8:14']).toEqual({
      first: 4,
      lines: ['d', 'e', 'f', 'g', 'leak();', 'i'],
      line: 8,
      column: 14,
    });
    expect(Object.keys(frames)).toHaveLength(1);
    expect(thinned).toBe(0);
    for (const [index, { id }] of rows.entries()) {
      const { result, journals, texts } = readCase(html, index);
      expect(result.id).toBe(id);
      expect(texts).toHaveLength(result.findings.length);
      expect(journals[0]?.some(({ type }) => type === 'counts')).toBe(true);
    }
  });

  test('its policy allows its own script and style, and nothing else', () => {
    const html = write([aResult()]);
    const [, policy = ''] = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(html) ?? [];
    const hash = (text = ''): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const [, script] = /<script>([^]*)<\/script>/.exec(html) ?? [];
    const [, style] = /<style>([^]*)<\/style>/.exec(html) ?? [];
    expect(policy).toBe(
      `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'`,
    );
    expect(html.match(/<script>/g)).toHaveLength(1);
  });

  test('has the licences of what is bundled in it', () => {
    const [, notices = ''] = /id="notices">([^<]*)</.exec(write([])) ?? [];
    for (const name of ['preact', '@preact/signals', 'uplot']) expect(notices.split('\n')).toContain(name);
    expect(notices).toContain('Copyright');
  });

  test('nothing that a target says is markup, a command of a terminal or turns text around', () => {
    const crash = {
      kind: 'crash' as const,
      message: NASTY,
      fingerprint: NASTY,
      where: [{ file: NASTY, line: 1, column: 1, name: NASTY }],
      code: 1,
      signal: null,
      stderr: NASTY,
    };
    const nasty = aResult({
      id: NASTY,
      scenario: NASTY,
      cell: { [NASTY]: NASTY },
      about: NASTY,
      target: NASTY,
      verdict: 'failed',
      findings: [crash],
      terminations: { incoming: { [NASTY]: 1 }, outgoing: {} },
    });
    const clean = write([aResult()], { journalsOf: () => [] });
    const html = write([nasty, { ...nasty, id: `2 ${NASTY}`, verdict: 'skipped', reason: NASTY }], {
      journalsOf: () => [[{ t: 1, type: 'output', stream: 'stderr', text: NASTY }]],
    });
    expect(html).not.toMatch(/<img/);
    expect(html).not.toMatch(/\p{Cc}(?<!\s)|\u202E/u);
    expect(html.match(/<script/g)?.length).toBe((clean.match(/<script/g)?.length ?? 0) + 1);
    const text = JSON.stringify([readRun(html), readCase(html, 0)]);
    expect(text).toContain('<img src=x onerror=alert(1)>');
    expect(text).not.toMatch(/\\u001b|\\u0000|\u202E/i);
  });

  test('a source that is gone, or a journal, leaves the rest as it is', () => {
    const html = write([aTimedFailure()], { readSource: () => undefined, journalsOf: () => [] });
    expect(readRun(html).frames).toEqual({});
    expect(readCase(html, 0).journals).toEqual([]);
  });

  test('is read without script as a table', () => {
    const [, table = ''] = /<noscript>([^]*)<\/noscript>/.exec(write([...variety(), aTimedFailure()])) ?? [];
    expect(table.match(/<tr><td>/g)).toHaveLength(8);
    expect(table).toContain('6 timers left after 6 connections');
    expect(table).toContain('<h1>2 cases failed');
  });
});

test('of 5,000 cases it has less than 10 MB: journals of failed cases first, and it counts those left out', () => {
  const results = Array.from({ length: 5000 }, (_, index) =>
    index % 20 === 0
      ? aTimedFailure({ id: `faults/x[n=${index}]` })
      : aResult({ id: `faults/x[n=${index}]`, drain: index }),
  );
  const html = write(results, {
    journalsOf: ({ id }) => [
      [...aTimedJournal(), { t: 1, type: 'output', stream: 'stdout', text: noise(id) }],
    ],
  });
  expect(html.length).toBeLessThan(10_000_000);
  const { rows, thinned } = readRun(html);
  expect(thinned).toBeGreaterThan(1000);
  const blocks = blocksOf(html);
  const kept = rows.filter(
    (_, index) => (unpack(blocks.get(`case-${index}`)) as CaseData).journals.length > 0,
  );
  expect(kept.length).toBe(5000 - thinned);
  expect(kept.filter(({ verdict }) => verdict === 'failed')).toHaveLength(250);
});

/** Text that does not compress. */
function noise(id: string): string {
  return Array.from({ length: 40 }, (_, index) =>
    createHash('sha256').update(`${id}${index}`).digest('base64'),
  ).join('');
}

test('there is advice for every finding of the sample, and it is one of its kind', () => {
  for (const finding of [...aFailure().findings, ...aTimedFailure().findings]) {
    expect(guideOf(finding), ruleOf(finding)).toBeDefined();
  }
  expect(FINDING_GUIDE['leak/timer']?.fix).toMatch(/^Clear it/);
  expect(
    Object.values(FINDING_GUIDE).filter(({ cause, fix }) => cause.includes('**') || fix.includes('**')),
  ).toEqual([]);
  expect(Object.keys(FINDING_GUIDE).length).toBeGreaterThan(25);
});

test('texts are made harmless wherever they stand; all else is the same', () => {
  const value = { a: [1, 'plain, “quoted”', null, { [`k\u202E`]: 'x\u001B[31m' }], b: true };
  expect(harmless(value)).toEqual({ a: [1, 'plain, “quoted”', null, { 'k\uFFFD': 'x' }], b: true });
});
