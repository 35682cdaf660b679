import { expect, test } from 'vitest';

import type { Finding } from '../judge/verdict.ts';
import { aResult, aRun } from '../report/testing/sample-run.ts';
import { diffReports } from './diff-reports.ts';
import { diffInWords } from './diff-text.ts';

const late = (fingerprint: string, identity?: string): Finding => ({
  kind: 'drain',
  message: fingerprint,
  fingerprint,
  ...(identity === undefined ? {} : { identity }),
  took: 2,
  limit: 1,
});

test('two equal reports do not differ', () => {
  expect(diffInWords(diffReports(aRun(), aRun()))).toEqual(['no difference']);
});

test('findings are compared by their identity, not by lines', () => {
  const run = (...findings: Finding[]): ReturnType<typeof aRun> =>
    aRun([aResult({ verdict: 'failed', findings })]);
  const before = run(late('x a.ts:1:1', 'x a.ts open'), late('y'));
  const after = run(late('x a.ts:9:1', 'x a.ts open'), late('z'));
  const diff = diffReports(before, after);
  expect(diff.new.map(({ identity }) => identity)).toEqual(['z']);
  expect(diff.gone.map(({ identity }) => identity)).toEqual(['y']);
});

test('cases that are slower, skipped, flaky, added or missing', () => {
  const before = aRun([
    aResult({ id: 'a', drain: 100, took: 1000 }),
    aResult({ id: 'b' }),
    aResult({ id: 'c' }),
    aResult({ id: 'd' }),
  ]);
  const after = aRun([
    aResult({ id: 'a', drain: 900, took: 9000 }),
    aResult({ id: 'b', verdict: 'skipped', reason: 'no nft' }),
    aResult({ id: 'c', verdict: 'flaky', findings: [late('x')] }),
    aResult({ id: 'e' }),
  ]);
  expect(diffReports(before, after)).toMatchObject({
    slower: [
      { id: 'a', what: 'drain', before: 100, after: 900 },
      { id: 'a', what: 'took', before: 1000, after: 9000 },
    ],
    newlySkipped: [{ id: 'b', reason: 'no nft' }],
    newlyFlaky: ['c'],
    added: ['e'],
    missing: ['d'],
  });
});

test('a case that was starved, or run several times, is not slower for it', () => {
  const before = aRun([aResult({ id: 'a', took: 1000 })]);
  const after = aRun([aResult({ id: 'a', took: 18_000, starved: 14_000, attempts: 3 })]);
  expect(diffReports(before, after).slower).toEqual([]);
});
