import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { assert, property, string } from 'fast-check';
import { parse } from 'test-results-parser';
import { describe, expect, test } from 'vitest';

import type { Finding } from '../../judge/verdict.ts';
import { toJUnit } from './junit.ts';
import { aFailure, aResult, aRun, variety } from '../testing/sample-run.ts';
import { xmlProblem } from '../testing/well-formed.ts';

describe('JUnit', () => {
  const xml = toJUnit(aRun());

  test('is well-formed, with a suite a scenario and the counts', () => {
    expect(xmlProblem(xml)).toBeUndefined();
    expect(xml).toMatch(/<testsuites name="lastfin" tests="7" failures="1" errors="1" skipped="1"/);
    expect(xml.match(/<testsuite /g)).toHaveLength(6);
    expect(xml.match(/<testcase /g)).toHaveLength(7);
  });

  test('a failure has all findings, the command and the file', () => {
    expect(xml).toMatch(/<failure message="20 open sockets left .*\(and 7 more\)" type="leak">/);
    expect(xml).toContain('no-exit: did not exit within 1000 ms');
    expect(xml).toContain('file="scenarios/field/hp-abort.yaml"');
    expect(
      toJUnit(
        aRun([
          { ...aResult({ verdict: 'failed' }), rerun: 'lastfin run --case x' } as ReturnType<typeof aResult>,
        ]),
      ),
    ).toContain('again: lastfin run --case x');
  });

  test('a skip and an error have their reasons', () => {
    expect(xml).toContain('<skipped message="needs a network namespace: unshare: Operation not permitted"/>');
    expect(xml).toMatch(
      /<error message="LASTFIN_TARGET_START: nginx was not ready within 5 s" type="lab-error">/,
    );
  });

  test('a flaky case does not fail a pipeline, and says what it found', () => {
    expect(xml).toMatch(/<property name="flaky" value="true"\/>/);
    expect(xml).toMatch(/<system-err>[\s\S]*drained only after 2500 ms/);
  });

  const outcomes = [
    { verdict: 'failed', took: 5, kind: 'drain', message: 'too late' },
    { verdict: 'failed', took: 5, kind: 'leak', message: '20 timers ]]> left' },
  ] as const;
  const runs = outcomes.map((one) => ({ ...one }));

  test('runs that failed before a case passed are flaky failures, as Surefire writes them', () => {
    const [finding] = aFailure().findings;
    const flaky = aResult({ verdict: 'flaky', attempts: 3, outcomes: runs, findings: [finding as Finding] });
    const written = toJUnit(aRun([flaky]));
    expect(xmlProblem(written)).toBeUndefined();
    expect(written).toMatch(
      /<\/properties>\s*<flakyFailure message="too late" type="drain">\s*<stackTrace><!\[CDATA\[[^]*20 open sockets left[^]*<flakyFailure message="20 timers ]]> left" type="leak">\s*<stackTrace>[^]*<system-err>/,
    );
    expect(written).not.toContain('<failure');
    expect(written).toMatch(/<testsuite [^>]*failures="0"/);
  });

  test('failures after the first one are rerun failures; those of the lab are none', () => {
    const lab = { verdict: 'error', took: 1, message: 'no port' } as const;
    const failed = aResult({
      verdict: 'failed',
      attempts: 3,
      outcomes: [...runs, lab],
      findings: aFailure().findings,
    });
    const written = toJUnit(aRun([failed]));
    expect(xmlProblem(written)).toBeUndefined();
    expect(written.match(/<rerunFailure /g)).toHaveLength(1);
    expect(written).toMatch(
      /<failure [^]*<\/failure>\s*<rerunFailure message="20 timers ]]> left" type="leak">/,
    );
    expect(written).toMatch(/<testsuite [^>]*tests="1" failures="1"/);
  });

  test('a suite has the host and the time when its first case began; a failure attaches its journal', () => {
    const started = ['2026-01-02T03:05:00.000Z', '2026-01-02T03:04:30.000Z'];
    const failed = { ...aFailure(), scenario: 'x', started: started[0], journal: 'journal/a.jsonl' };
    const passed = { ...aResult({ scenario: 'x' }), started: started[1], journal: 'journal/b.jsonl' };
    const written = toJUnit(aRun([failed, passed]), { hostname: 'my "host"', folder: '/runs/1' });
    expect(xmlProblem(written)).toBeUndefined();
    expect(written).toMatch(/<testsuite name="x" timestamp="2026-01-02T03:04:30.000Z"/);
    expect(written).toMatch(/<testsuite [^>]*hostname="my &quot;host&quot;"/);
    expect(written).toContain('[[ATTACHMENT|/runs/1/journal/a.jsonl]]');
    expect(written).not.toContain('b.jsonl');
  });

  test('a reader of other people finds cases, verdicts, flaky ones, host and journals', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-junit-'));
    const results = variety().map((one, index) => ({ ...one, journal: `journal/${index}.jsonl` }));
    const file = path.join(folder, 'junit.xml');
    await writeFile(file, toJUnit(aRun(results), { hostname: 'my-host', folder: '/runs/1' }));
    const { suites } = parse({ type: 'junit', files: [file] });
    await rm(folder, { recursive: true });
    const read = suites.flatMap(({ cases }) => cases).map((one) => [one.name, one]);
    const cases = new Map(read as [string, (typeof suites)[number]['cases'][number]][]);
    expect([...cases.keys()].toSorted()).toEqual(results.map(({ id }) => id).toSorted());
    expect(suites[0]?.metadata).toMatchObject({ hostname: 'my-host' });
    const failed = cases.get('field/hp-abort[count=20]');
    expect(failed).toMatchObject({ status: 'FAIL', duration: expect.closeTo(8120) as number });
    expect(failed?.attachments.map((one) => one.path)).toEqual(['/runs/1/journal/3.jsonl']);
    const flaky = cases.get('lifecycle/flood[mode=tls-terminate,direction=to-upstream,count=200]');
    expect(flaky).toMatchObject({ status: 'PASS', metadata: { flaky: true } });
    expect(cases.get('faults/blackhole[family=ipv6]')?.status).toBe('SKIP');
  });

  test('a case with known findings only does not fail a pipeline either; with an expired one it does', () => {
    const known = { owner: 'edge', reason: '#12', expires: '2027-01-31' };
    const drain = { kind: 'drain', message: 'late', fingerprint: 'drain late', took: 2, limit: 1 } as const;
    const written = (mark: Finding['known']): string =>
      toJUnit(aRun([aResult({ verdict: 'failed', findings: [{ ...drain, known: mark }] })]));
    expect(written(known)).not.toContain('<failure');
    expect(written(known)).toMatch(/<property name="known" value="true"\/>/);
    expect(written(known)).toMatch(/<system-err>[^]*known +edge, until 2027-01-31: #12/);
    expect(written({ ...known, expired: true })).toContain('<failure');
  });

  test('what could not be seen is said, of a case that passed, too', () => {
    const blind = ['the descriptors of process 7, which is not ours', ']]>\u0000'];
    const written = toJUnit(aRun([aResult({ blind }), aResult()]));
    expect(xmlProblem(written)).toBeUndefined();
    expect(written).toMatch(/<system-out>[^/]*not seen: the descriptors of process 7, which is not ours/);
    expect(written.match(/<system-out>/g)).toHaveLength(1);
  });

  test('what the target file excuses is said, with the reason', () => {
    const [finding] = aFailure().findings;
    const excused = [{ reason: 'no half-close here', finding: finding as Finding }];
    const written = toJUnit(aRun([aResult({ excused })]));
    expect(xmlProblem(written)).toBeUndefined();
    expect(written).toMatch(/<system-out>[^<]*<!\[CDATA\[excused: 20 open sockets .* \(no half-close here\)/);
  });

  test('control characters and XML of others do not get through', () => {
    const nasty = ']]>\u0000<b a="1">&\u001B[31mred\u001B[0m]]\u0001>\uD800 ]]]]>>';
    const result = aResult({
      id: nasty,
      scenario: nasty,
      about: nasty,
      verdict: 'failed',
      findings: [
        {
          kind: 'crash',
          message: nasty,
          fingerprint: 'crash',
          where: [],
          code: 1,
          signal: null,
          stderr: nasty,
        },
      ],
    });
    const written = toJUnit(
      aRun([
        result,
        { ...result, verdict: 'skipped', reason: nasty },
        { ...result, verdict: 'error', reason: nasty },
      ]),
    );
    expect(xmlProblem(written)).toBeUndefined();
    expect(written).not.toContain('\u001B');
  });

  test('no text makes it ill-formed', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        const result = aResult({ id: text, scenario: text, about: text, reason: text });
        const crash = {
          kind: 'crash' as const,
          message: text,
          fingerprint: 'crash',
          where: [],
          code: null,
          signal: text,
          stderr: text,
        };
        const written = toJUnit(
          aRun([
            { ...result, verdict: 'failed', findings: [crash] },
            { ...result, verdict: 'error' },
            { ...result, verdict: 'skipped' },
          ]),
        );
        expect(xmlProblem(written)).toBeUndefined();
      }),
    );
  });

  test.each([
    ['<a><b></a></b>', /does not close/],
    ['<a b="&"/>', /stray &/],
    ['<a>\u0001</a>', /not allow/],
    ['<a>', /not closed/],
    ['<a/><b/>', /2 roots/],
    ['<a><</a>', /stray </],
  ])('the check itself finds fault with %j', (text, problem) => {
    expect(xmlProblem(text)).toMatch(problem);
  });
});
