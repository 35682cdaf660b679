import { assert, constantFrom, property, array } from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Verdict } from '../judge/verdict.ts';
import { exitCode } from './exit-code.ts';
import { countVerdicts } from './run-report.ts';
import { aResult, aRun } from './testing/sample-run.ts';

const ofVerdicts = (...verdicts: Verdict[]): { verdict: Verdict }[] =>
  verdicts.map((verdict) => ({ verdict }));

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
