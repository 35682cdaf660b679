import { assert, constantFrom, property, array } from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { CaseResult, Verdict } from '../judge/verdict.ts';
import { exitCode } from './exit-code.ts';
import { countVerdicts } from './run-report.ts';
import { aResult, aRun } from './testing/sample-run.ts';

const ofVerdicts = (...verdicts: Verdict[]): CaseResult[] => verdicts.map((verdict) => aResult({ verdict }));

describe('exit code', () => {
  test.each<[number, Verdict[]]>([
    [0, []],
    [0, ['passed', 'skipped']],
    [1, ['passed', 'failed']],
    [1, ['flaky']],
    [3, ['error']],
    [3, ['failed', 'error', 'passed']],
  ])('%i for %j', (code, verdicts) => {
    expect(exitCode(ofVerdicts(...verdicts))).toBe(code);
  });

  test('interrupted wins', () => {
    expect(exitCode(ofVerdicts('failed', 'error'), true)).toBe(130);
  });
});

describe('known findings', () => {
  const known = { owner: 'edge', reason: '#12', expires: '2027-01-31' };
  const drain = { kind: 'drain', message: 'late', fingerprint: 'drain late', took: 2, limit: 1 } as const;
  const failed = (...marks: (typeof known | undefined)[]): CaseResult =>
    aResult({
      verdict: 'failed',
      findings: marks.map((mark) => (mark === undefined ? drain : { ...drain, known: mark })),
    });

  test('do not fail a run; one that is new or expired does', () => {
    expect(exitCode([failed(known, known)])).toBe(0);
    expect(exitCode([failed(known, undefined)])).toBe(1);
    expect(exitCode([failed({ ...known, expired: true } as typeof known)])).toBe(1);
  });

  test('a flaky case fails a run unless it is in quarantine', () => {
    const flaky = aResult({ verdict: 'flaky', findings: [drain] });
    expect(exitCode([flaky])).toBe(1);
    expect(exitCode([{ ...flaky, quarantined: known }])).toBe(0);
    expect(exitCode([{ ...flaky, quarantined: { ...known, expired: true } }])).toBe(1);
  });

  test('an error of the lab fails it all the same', () => {
    expect(exitCode([failed(known), aResult({ verdict: 'error' })])).toBe(3);
  });
});

test('the counts add up to the cases', () => {
  const verdict = constantFrom<Verdict[]>('passed', 'failed', 'flaky', 'skipped', 'error');
  assert(
    property(array(verdict), (verdicts) => {
      const counts = countVerdicts(verdicts.map((one) => aResult({ verdict: one })));
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(verdicts.length);
    }),
  );
});

test('a report has its counts and its exit code', () => {
  expect(aRun()).toMatchObject({
    report: 1,
    counts: { passed: 3, failed: 1, flaky: 1, skipped: 1, error: 1 },
    exitCode: 3,
  });
});
