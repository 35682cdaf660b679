import { PassThrough } from 'node:stream';

import { assert, integer, property, record, string, constantFrom } from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { CaseResult, Finding, Verdict } from '../../judge/verdict.ts';
import { areaOf, Areas } from './area.ts';
import { closingLine, closingTable } from './closing-table.ts';
import { DotReporter } from './dot.ts';
import { toJson } from '../files/json.ts';
import { notRunInWords } from './not-run-text.ts';
import { palette, wantsColor } from './palette.ts';
import { plainLine, plainText } from '../plain-text.ts';
import { PrintedReport } from '../files/printed-report.ts';
import type { RunReport } from '../run-report.ts';
import { startLine } from './start-line.ts';
import { type Detail, TerminalReporter } from './terminal.ts';
import { aFailure, aResult, aRun, variety } from '../testing/sample-run.ts';
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

type Shown = { isTTY?: boolean; detail?: Detail; report?: Partial<RunReport> };

function show(
  columns: number,
  results: CaseResult[],
  { isTTY = false, detail = 'normal', report = {} }: Shown = {},
): string {
  const { stream, text } = aScreen(columns, isTTY);
  const rerun = ({ id }: CaseResult): string => `npx lastfin run --case '${id}'`;
  const reporter = new TerminalReporter({
    stream,
    color: false,
    detail,
    setup: 'npm run setup',
    now: () => 0,
    rerun,
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
  reporter.onRunEnd({
    ...aRun(results.map((result) => ({ ...result, rerun: rerun(result) }))),
    ...report,
  });
  return text();
}

describe('what people see', () => {
  test.each([80, 100, 160])('at %i columns, not on a terminal and without colour', async (columns) => {
    await expect(show(columns, variety())).toMatchFileSnapshot(`testing/snapshots/terminal-${columns}.txt`);
  });

  test.each(['quiet', 'verbose'] as const)('%s', async (detail) => {
    await expect(show(100, variety(), { detail })).toMatchFileSnapshot(
      `testing/snapshots/terminal-${detail}.txt`,
    );
  });

  test('the start of a shard says which it is, though it may have no case', () => {
    const run = { lastfin: '0.1.0', started: new Date(), seed: 1, lab: { mode: 'none' } } as const;
    const shard = { index: 2, of: 4 };
    expect(startLine({ ...run, scenarios: ['a'], targets: ['proxy'], shard })).toBe(
      "lastfin 0.1.0: 1 case of the shard 2/4 on proxy, seed 1, on the machine's own network",
    );
    expect(startLine({ ...run, scenarios: [], targets: [], shard })).toContain(
      '0 cases of the shard 2/4, seed 1',
    );
  });

  test('known findings are shown as known, expired ones as expired, and those that are gone are told', () => {
    const known = { owner: 'edge', reason: '#12', expires: '2027-01-31' };
    const drain = { kind: 'drain', message: 'late', fingerprint: 'drain late', took: 2, limit: 1 } as const;
    const marked = (id: string, mark: Finding['known']): CaseResult =>
      aResult({ id, verdict: 'failed', findings: [{ ...drain, fingerprint: id, known: mark }] });
    const text = show(100, [marked('a', known), marked('b', { ...known, expired: true })], {
      report: {
        known: { file: 'known.json', findings: 3, gone: [{ target: 'proxy', identity: 'timer x' }] },
      },
    });
    expect(text).toContain('known     edge, until 2027-01-31: #12');
    expect(text).toContain('known: 1 case that did not pass, and does not fail the run');
    expect(text).toContain('expired on 2027-01-31 (edge: #12): late');
    expect(text).toContain(
      'known in known.json, and no longer there: timer x (proxy); --prune-known removes it',
    );
  });

  test('on a terminal: the running case and the counts, and the cursor comes back', () => {
    const text = show(80, [aResult(), aFailure()], { isTTY: true });
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
    expect(wantsColor(true, { FORCE_COLOR: 'false' })).toBe(false);
    expect(wantsColor(false, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(true);
  });

  test('a lab error is shown with its stack, and with --verbose in the table in one line', () => {
    const reason = `LASTFIN_LAB: no port\n    at listen (ports.ts:${'1'.repeat(90)})`;
    const error = aResult({ verdict: 'error', reason, terminations: { incoming: {}, outgoing: {} } });
    expect(show(80, [error]).match(/LASTFIN_LAB: no port/g)).toHaveLength(1);
    const text = show(80, [error], { detail: 'verbose' });
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

describe('a cause that is known', () => {
  const again = (id: string, findings = aFailure().findings): CaseResult => ({ ...aFailure(), id, findings });

  test('is told in one line, with what follows from it; with --verbose in full', () => {
    const results = [aFailure(), again('field/other')];
    const text = show(200, results);
    expect(text).toContain(
      'field/other  8.1s · wire · same cause as field/hp-abort[count=20]; termination, seen, bytes invariant, step, drain\n',
    );
    expect(text.match(/● leak/g)).toHaveLength(1);
    expect(text).toContain('2 cases failed, 3 causes\n');
    expect(show(200, results, { detail: 'verbose' }).match(/● leak/g)).toHaveLength(2);
  });

  test('does not hide another that the case has, too', () => {
    const [leak] = aFailure().findings;
    const other = { ...(leak as Finding), fingerprint: 'another', message: 'another leak' };
    const text = show(200, [aFailure(), again('field/other', [leak as Finding, other])]);
    expect(text).toContain('● leak: another leak');
    expect(text).not.toContain('same cause');
  });

  test('an error of the lab with a reason that has been told', () => {
    const error = (id: string, port: number): CaseResult =>
      aResult({ id, verdict: 'error', reason: `LASTFIN_LAB: port ${port}` });
    const text = show(100, [error('a', 1), error('b', 2)]);
    expect(text).toContain('b  640ms · wire · same reason as a');
    expect(text).not.toContain('port 2');
  });
});

describe('what was not run', () => {
  const skipped = (id: string, parts: Partial<CaseResult>): CaseResult =>
    aResult({ id, verdict: 'skipped', ...parts });
  const nft = { what: '`nft`', fix: 'install nftables' };
  const toxiproxy = { what: 'Toxiproxy', fix: 'install Toxiproxy' };
  const namespaces = { what: 'user namespaces', fix: 'sysctl kernel.unprivileged_userns_clone=1' };
  const missing = [
    skipped('a', { want: nft }),
    skipped('b', { want: toxiproxy }),
    skipped('c', { want: nft }),
    skipped('d', { want: namespaces }),
    skipped('e', { reason: 'the target has no setting `grace`' }),
  ];

  test('is told by what is missing, with the one command that adds it', () => {
    const text = show(120, missing);
    expect(text).toContain('\n2 cases not tried for want of `nft`, 1 of Toxiproxy: npm run setup\n');
    expect(text).toContain(`\n1 case not tried for want of user namespaces: ${namespaces.fix}\n`);
    expect(text).toContain('\n1 case skipped: the target has no setting `grace`\n');
    expect(show(120, missing, { detail: 'quiet' })).not.toContain('not tried');
  });

  test('a run in which all were skipped says that nothing was judged', () => {
    expect(notRunInWords(aRun(missing), 120)[0]).toMatch(/^nothing was judged/);
    expect(show(120, [...missing, aResult()])).not.toContain('nothing was judged');
  });

  test('outside a checkout it is the change that helps', () => {
    const lines = notRunInWords(aRun(missing), 120);
    expect(lines).toContain('2 cases not tried for want of `nft`: install nftables');
    expect(lines).toContain('1 case not tried for want of Toxiproxy: install Toxiproxy');
  });

  test('what does not apply is one line, and what would run is YAML to paste', () => {
    const text = show(120, [aResult()], {
      report: {
        notApplicable: {
          cases: 146,
          reasons: [
            { reason: 'need a route `http`', cases: 101 },
            { reason: 'are contracts of the reference proxy', cases: 45 },
          ],
        },
        wouldRun: { cases: 40, settings: ['grace'], yaml: 'settings:\n  grace: 3s # stop\n' },
      },
    });
    expect(text).toContain(
      '146 cases do not apply to this target: 101 need a route `http`, 45 are contracts of the reference proxy\n' +
        '40 more cases would run with these settings in the target file:\n\n' +
        '  settings:\n    grace: 3s # stop\n\n1 case: 1 passed',
    );
  });

  test('where bytes were not judged, the reason is said once', () => {
    const opaque = 'in the warm-up it greeted';
    const text = show(120, [
      aResult({ opaque }),
      aResult({ opaque }),
      aResult({ opaque, verdict: 'failed' }),
    ]);
    expect(text).toContain('bytes were not judged in 3 cases: in the warm-up it greeted\n');
    expect(text).toContain('not seen  whether bytes pass unchanged: in the warm-up it greeted');
  });

  test('a run that stopped early says so', () => {
    const text = show(120, [aFailure()], { report: { bailed: { limit: 1, notRun: 12 } } });
    expect(text).toContain('\nstopped after 1 case had failed (--bail): 12 cases not run\n');
    expect(text).toContain('in 31.2s (--bail: 12 not run)\n');
  });

  test('many reasons are summed up', () => {
    const results = Array.from({ length: 12 }, (_, index) =>
      skipped(`c${index}`, { reason: `reason ${'x'.repeat(index + 1)}` }),
    );
    expect(show(120, results)).toContain('4 cases skipped for 4 other reasons: --verbose lists them');
  });
});

describe('what the target file excuses', () => {
  const [finding] = aFailure().findings;
  const excused = [{ reason: 'nginx has no half-close', finding: finding as Finding }];

  test('stands on the line of its case, and is summed up by its reasons', () => {
    const text = show(120, [aResult({ id: 'a', excused }), aResult({ id: 'b', excused }), aResult()]);
    expect(text).toContain('✓ passed   a  640ms · wire · excused leak (nginx has no half-close)\n');
    expect(text).toContain('\nexcused by the target file: 2 findings in 2 cases: nginx has no half-close\n');
    expect(text).toContain('✓ faults  3 passed\n');
  });

  test('so are things that a rule leaves out of the count', () => {
    const ignored = [{ name: 'metrics', reason: 'pushed', resource: 'timer' as const, count: 1 }];
    expect(show(120, [aResult({ ignored })])).toContain(
      '\nignored in 1 case: timer by the rule `metrics`: pushed\n',
    );
  });
});

describe('folders', () => {
  test('each is told once its last case has ended; what has not run at the end', () => {
    const areas = new Areas(['a/x', 'a/y', 'b/x', 'b/x', 'alone'], palette(false));
    expect(areas.ended({ scenario: 'a/x', verdict: 'passed' })).toBeUndefined();
    expect(areas.ended({ scenario: 'a/y', verdict: 'passed' })).toBe('✓ a      2 passed');
    expect(areas.ended({ scenario: 'alone', verdict: 'skipped' })).toBe('- alone  1 skipped');
    expect(areas.ended({ scenario: 'b/x', verdict: 'error' })).toBeUndefined();
    expect(areas.rest()).toEqual(['! b      1 error, 1 not run']);
  });

  test('own scenarios have the folder that they lie in', () => {
    expect(areaOf('scenarios/mine/x')).toBe('scenarios/mine');
    expect(areaOf('x')).toBe('x');
  });
});

describe('other reporters', () => {
  test('dots: one a case, in lines of the width of the terminal, then the causes', () => {
    const { stream, text } = aScreen(4, false);
    const reporter = new DotReporter({ stream, color: false });
    for (const result of variety()) reporter.onCaseEnd(result);
    expect(text()).toBe('...F\n~-!');
    reporter.onRunEnd(aRun());
    expect(text()).toContain('\n7 cases: 3 passed, 1 failed');
    expect(text()).toContain('smallest  field/hp-abort[count=20]');
  });

  test('the report itself, and nothing else', () => {
    const { stream, text } = aScreen(80, false);
    new PrintedReport(toJson, stream).onRunEnd(aRun());
    expect(JSON.parse(text())).toEqual(JSON.parse(toJson(aRun())));
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

test('texts of any length in a journal make a table at once', () => {
  const long = '-0'.repeat(20_000);
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`reason ${index}`, 1]));
  const results = [
    aResult({ scenario: long, cell: { [long]: long } }),
    aResult({ terminations: { incoming: { [long]: 1 }, outgoing: many }, drain: 1e300 }),
  ];
  const before = process.cpuUsage();
  const lines = closingTable(results, palette(false), 80);
  const { user } = process.cpuUsage(before);
  expect(lines.length).toBeLessThan(100);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  // processor time, a hundred times what it takes: before, it took minutes
  expect(user / 1000).toBeLessThan(5_000);
});

describe('text', () => {
  test('wrapping keeps every word and no line is too long', () => {
    assert(
      property(string(), integer({ min: -3, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 1));
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
