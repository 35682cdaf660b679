import { PassThrough } from 'node:stream';

import { assert, integer, property, record, string, constantFrom } from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { CaseResult, Verdict } from '../harness/judge/verdict.ts';
import { closingLine, closingTable } from './closing-table.ts';
import { palette, wantsColor } from './palette.ts';
import { plainLine, plainText } from './plain-text.ts';
import { TerminalReporter } from './terminal.ts';
import { aFailure, aResult, aRun, variety } from './testing/sample-run.ts';
import { shorten, wrap } from './wrap.ts';

/** A stream that says it is, or is not, a terminal, and keeps what was written. */
function aScreen(columns: number, isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const through = new PassThrough();
  const stream = Object.assign(through, { columns, isTTY, rows: 24 }) as unknown as NodeJS.WriteStream;
  let text = '';
  through.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { stream, text: () => text };
}

function show(columns: number, results: CaseResult[], isTTY = false): string {
  const { stream, text } = aScreen(columns, isTTY);
  const reporter = new TerminalReporter({
    stream,
    color: false,
    now: () => 0,
    rerun: ({ id }) => `npx lastfin run --case '${id}'`,
    journal: () => 'reports/runs/x/journal/y.jsonl',
  });
  reporter.onRunStart({
    lastfin: '0.1.0',
    started: new Date(0),
    seed: 7,
    scenarios: results.map(({ scenario }) => scenario),
    targets: ['proxy'],
    lab: { mode: 'auto' },
  });
  for (const result of results) {
    reporter.onCaseStart({ id: result.id });
    reporter.onCasePhase({ id: result.id }, 'settle');
    reporter.onCaseEnd(result);
  }
  reporter.onRunEnd(aRun(results));
  return text();
}

describe('what people see', () => {
  test.each([80, 100, 160])('at %i columns, not on a terminal and without colour', async (columns) => {
    await expect(show(columns, variety())).toMatchFileSnapshot(`testing/snapshots/terminal-${columns}.txt`);
  });

  test('on a terminal: the running case and the counts, and the cursor comes back', () => {
    const text = show(80, [aResult(), aFailure()], true);
    expect(text).toContain('faults/client-reset[phase=idle,count=20]  start  0ms');
    expect(text).toContain('2 of 2 cases · 1 passed · 1 failed · 0ms');
    expect(text).not.toContain('✓ passed');
    expect(text).toContain("again     npx lastfin run --case 'field/hp-abort[count=20]'");
    expect(text.endsWith('2 cases: 1 passed, 1 failed, 0 flaky, 0 skipped, 0 errors in 31.2s\n')).toBe(true);
  });

  test('colour only where it was asked for', () => {
    // eslint-disable-next-line no-control-regex -- this is what is looked for
    expect(show(80, variety())).not.toMatch(/\u001B/);
    expect(wantsColor(true, {})).toBe(true);
    expect(wantsColor(false, {})).toBe(false);
    expect(wantsColor(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColor(true, { NO_COLOR: '' })).toBe(true);
    expect(wantsColor(true, { TERM: 'dumb' })).toBe(false);
    expect(wantsColor(false, { FORCE_COLOR: '1' })).toBe(true);
    expect(wantsColor(true, { FORCE_COLOR: '0' })).toBe(false);
  });

  test('a lab error is shown with its stack, and in the table in one line', () => {
    const reason = `LASTFIN_LAB: no port\n    at listen (ports.ts:${'1'.repeat(90)})`;
    const text = show(80, [
      aResult({ verdict: 'error', reason, terminations: { incoming: {}, outgoing: {} } }),
    ]);
    expect(text.match(/LASTFIN_LAB: no port/g)).toHaveLength(2);
    expect(text).toContain('  reason    LASTFIN_LAB: no port\n                at listen');
  });

  test('what keeps a target alive many times over is said once', () => {
    const why = [
      'There are 3 handle(s)',
      '# Timeout\na.ts:1 - a()',
      '# Timeout\na.ts:1 - a()',
      '# Socket',
    ].join('\n\n');
    const alive = [{ what: 'timer', where: [{ file: 'a.ts', line: 1, column: 2 }], times: 2 }];
    const finding = {
      kind: 'no-exit' as const,
      message: 'did not exit',
      fingerprint: 'no-exit a.ts:1:2',
      grace: 1000,
      alive,
      why,
    };
    const text = show(80, [aResult({ verdict: 'failed', findings: [finding] })]);
    expect(text).toContain('2 × timer');
    expect(text.match(/# Timeout/g)).toHaveLength(1);
    expect(text).toMatch(/a\.ts:1 - a\(\)\n\s+\(2 times\)/);
    expect(text).toContain('# Socket');
  });

  test('what could not be seen stands with the findings, wrapped and harmless', () => {
    const what = `the descriptors of process 7 ${'which is not ours '.repeat(4)}\u001B[2J`;
    const text = show(80, [aResult({ verdict: 'failed', blind: [what, 'sockets elsewhere'] })]);
    expect(text).toContain('\n  not seen  the descriptors of process 7 which');
    expect(text).toContain('\n            sockets elsewhere\n');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).not.toContain('\u001B');
    expect(show(80, [aResult({ verdict: 'failed' })])).not.toContain('not seen');
  });

  test('a target cannot write to the terminal', () => {
    const nasty = '\u001B]0;title\u0007\u001B[2J\u009B31m\rgone\u202Etxt';
    const crash = {
      kind: 'crash' as const,
      message: nasty,
      fingerprint: 'crash',
      where: [],
      code: 1,
      signal: null,
      stderr: nasty,
    };
    const text = show(80, [aResult({ verdict: 'failed', id: nasty, about: nasty, findings: [crash] })]);
    // eslint-disable-next-line no-control-regex -- this is what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/);
  });
});

describe('closing table', () => {
  const verdict = constantFrom<Verdict[]>('passed', 'failed', 'flaky', 'skipped', 'error');
  const word = string({ minLength: 1, maxLength: 60, unit: constantFrom('a', 'b', 'c', '-', '=', '/', ' ') });

  test('is never wider than it may be, and shows every case', () => {
    const cases = record({
      verdict,
      name: word,
      value: word,
      reason: word,
      count: integer({ min: 1, max: 1e6 }),
    });
    assert(
      property(cases, integer({ min: 60, max: 200 }), (one, columns) => {
        const result = aResult({
          scenario: 's',
          verdict: one.verdict,
          cell: { [one.name]: one.value },
          reason: one.reason,
          terminations: { incoming: { [one.name]: one.count }, outgoing: { closed_incoming: one.count } },
        });
        const lines = closingTable([result, result], palette(false), columns);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
        expect(lines.join(' ').split(one.verdict).length - 1).toBeGreaterThanOrEqual(2);
        expect(lines.join('\n').replace(/ 12ms .*/, '')).not.toContain('…');
      }),
    );
  });

  test('is empty without cases', () => {
    expect(closingTable([], palette(false), 80)).toEqual([]);
  });

  test('the line of a clean run', () => {
    const results = Array.from({ length: 45 }, () => aResult());
    expect(closingLine(aRun(results), palette(false))).toBe(
      '45 cases: 45 passed, 0 failed, 0 flaky, 0 skipped, 0 errors in 31.2s',
    );
    expect(closingLine({ ...aRun([aResult()]), interrupted: true }, palette(false))).toBe(
      '1 case: 1 passed, 0 failed, 0 flaky, 0 skipped, 0 errors in 31.2s (interrupted)',
    );
  });
});

describe('text', () => {
  test('wrapping keeps every word and no line is too long', () => {
    assert(
      property(string(), integer({ min: 1, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
      }),
    );
  });

  test('long words are broken after a mark', () => {
    expect(wrap('node_modules/http-proxy/index.js:1', 20)).toEqual([
      'node_modules/http-',
      'proxy/index.js:1',
    ]);
  });

  test('shortening leaves both ends', () => {
    expect(shorten('faults/client-reset[count=20]', 15)).toBe('faults/…unt=20]');
    expect(shorten('short', 15)).toBe('short');
  });

  test('line ends stay, in one form; nothing else that moves a cursor', () => {
    expect(plainText('a\r\nb\tc\u0007\n')).toBe('a\nb  c\uFFFD\n');
    expect(plainLine(' a\n b ')).toBe('a b');
  });
});
