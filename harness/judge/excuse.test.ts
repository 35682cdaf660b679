import { expect, test } from 'vitest';

import { excuse } from './excuse.ts';
import { judge } from './judge.ts';
import { aJournal, aSuspect } from './testing/hand-built-journal.ts';
import type { Finding } from './verdict.ts';

const failed = (): Finding[] => judge(aJournal({ exit: { within: false, alive: [] } })).findings;

test('an excuse takes a finding out by its kind, and keeps it with the reason', () => {
  const findings = failed();
  expect(findings.map(({ kind }) => kind)).toEqual(['no-exit']);
  const reason = 'it waits for its clients';
  expect(excuse(findings, [{ finding: 'no-exit', reason }])).toEqual({
    findings: [],
    excused: findings.map((finding) => ({ reason, finding })),
  });
});

test('leaks, crashes and targets that stay are excused by name only', () => {
  expect(excuse(failed(), [{ reason: 'x' }]).excused).toEqual([]);
});

test('an excuse for a message is for no other', () => {
  const findings = failed();
  expect(
    excuse(findings, [{ finding: 'no-exit', says: 'within \\d+ ms', reason: 'x' }]).excused,
  ).toHaveLength(1);
  expect(excuse(findings, [{ finding: 'no-exit', says: 'sockets', reason: 'x' }]).findings).toHaveLength(1);
});

test('a case whose findings are all excused passes, and shows them', () => {
  const [head, ...rest] = aJournal({ exit: { within: false, alive: [] } });
  if (head?.type !== 'case') throw new Error('a journal begins with its case');
  const excuses = [{ finding: 'no-exit', reason: 'it waits for its clients' } as const];
  const result = judge([{ ...head, excuses }, ...rest]);
  expect(result.verdict).toBe('passed');
  expect(result.excused).toEqual([
    { reason: 'it waits for its clients', finding: expect.objectContaining({ kind: 'no-exit' }) as Finding },
  ]);
});

test('an excuse may be for a sample', () => {
  const [leak] = judge(
    aJournal({ reports: { settled: [aSuspect({ sample: 'time-out of 30 s' })] } }),
  ).findings;
  const of = (says: string): number =>
    excuse([leak!], [{ finding: 'leak', says, reason: 'x' }]).excused.length;
  expect([of('^time-out of'), of('of 30 s$'), of('interval')]).toEqual([1, 1, 0]);
});
