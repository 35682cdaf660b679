import { expect, test } from 'vitest';

import type { Fault } from '../../scenario/fault.ts';
import { judge } from '../judge.ts';
import { aJournal } from '../testing/hand-built-journal.ts';
import type { Entry } from '../../journal/entry.ts';

const fault: Fault = {
  kind: 'unreachable',
  side: 'upstream',
  as: 'host',
  simulate: true,
  when: { at: 'connect' },
};

/** Copies a journal, with a required fidelity for its run. */
function requiring(required: 'kernel' | 'simulated', journal: Entry[]): Entry[] {
  return journal.map((entry) => (entry.type === 'case' ? { ...entry, requireFidelity: required } : entry));
}

test('new connections that are not served once all faults are healed are a finding', () => {
  const extra = [
    { type: 'recovery', asked: 5, served: 2, failure: 'expect: expected 64 bytes, got 0' } as const,
  ];
  const { verdict, findings } = judge(aJournal({ extra }));
  expect(verdict).toBe('failed');
  expect(findings).toMatchObject([
    {
      kind: 'recovery',
      asked: 5,
      served: 2,
      message:
        '2 of 5 new connections were served once all faults had been healed: expect: expected 64 bytes, got 0',
    },
  ]);
});

test('all of them served are none', () => {
  expect(judge(aJournal({ extra: [{ type: 'recovery', asked: 5, served: 5 }] })).verdict).toBe('passed');
});

test('a simulated fault is a finding only where more is required than that', () => {
  const journal = aJournal({ faults: [{ fault, fidelity: 'simulated', best: 'kernel' }] });
  expect(judge(journal)).toMatchObject({ verdict: 'passed', fidelity: 'simulated' });
  expect(judge(requiring('simulated', journal)).verdict).toBe('passed');
  expect(judge(requiring('kernel', journal))).toMatchObject({
    verdict: 'failed',
    findings: [{ kind: 'fidelity', fault: 'unreachable', required: 'kernel', actual: 'simulated' }],
  });
});

test('what a fault cannot be at best is not asked of it', () => {
  const reset: Fault = { kind: 'reset', side: 'client', when: { at: 'established', count: 'all' } };
  const journal = aJournal({ faults: [{ fault: reset, fidelity: 'wire' }] });
  expect(judge(requiring('kernel', journal)).verdict).toBe('passed');
});

test('a case that is skipped for want of a network is a finding where a fidelity is required', () => {
  const journal = aJournal({ extra: [{ type: 'skipped', reason: 'no namespace', forWantOf: 'hosts' }] });
  expect(judge(journal).verdict).toBe('skipped');
  expect(judge(requiring('kernel', journal))).toMatchObject({
    verdict: 'failed',
    findings: [{ kind: 'fidelity' }],
  });
});
