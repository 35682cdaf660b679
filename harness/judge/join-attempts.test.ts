import { expect, test } from 'vitest';

import { aJournal, aSuspect } from './testing/hand-built-journal.ts';
import { judge } from './judge.ts';
import { joinAttempts } from './join-attempts.ts';

const passed = judge(aJournal());
const failed = judge(aJournal({ reports: { settled: [aSuspect()] } }));
const error = judge(aJournal({ exit: null }));

test('one attempt is itself', () => {
  expect(joinAttempts([failed])).toBe(failed);
});

test('failed, then passed: flaky, with the findings of the failure', () => {
  const joined = joinAttempts([failed, passed]);
  expect(joined).toMatchObject({ verdict: 'flaky', attempts: 2, took: failed.took + passed.took });
  expect(joined.findings).toEqual(failed.findings);
});

test('runs that did not pass are told, in their order', () => {
  const { outcomes } = joinAttempts([failed, error, passed]);
  expect(outcomes).toEqual([
    { verdict: 'failed', took: failed.took, kind: 'leak', message: failed.findings[0]?.message },
    { verdict: 'error', took: error.took, message: error.reason },
  ]);
  expect(joinAttempts([passed, passed])).not.toHaveProperty('outcomes');
});

test('failed and never passed stays failed, also when the lab failed in the retry', () => {
  expect(joinAttempts([failed, failed]).verdict).toBe('failed');
  expect(joinAttempts([failed, error]).verdict).toBe('failed');
});

test('an error of the lab stays an error, though another attempt passed', () => {
  expect(joinAttempts([error, passed]).verdict).toBe('error');
});
