import { expect, test } from 'vitest';

import type { Fault } from '../../scenario/fault.ts';
import { aConnection, aJournal, type JournalParts, TWO_GRACEFUL } from '../testing/hand-built-journal.ts';
import { judge } from '../judge.ts';

const RESET: Fault = { kind: 'reset', side: 'client', when: { at: 'established', count: 'all' } };
const SHUTDOWN: Fault = { kind: 'shutdown', when: { at: 'connect' } };
const DOWN: Fault = { kind: 'down', side: 'client', when: { at: 'connect' } };

const REFUSED = [
  ...TWO_GRACEFUL.slice(1),
  aConnection({ seen: 'refused', did: 'nothing', sent: 0, received: 0 }),
];

const messages = (parts: JournalParts): string[] =>
  judge(aJournal(parts)).findings.map(({ message }) => message);

test('a client that is refused has proved nothing, whatever the case leaves open', () => {
  expect(messages({})).toEqual([]);
  expect(messages({ connections: REFUSED })).toContain('1 client saw `refused`, expected none');
  // the case is about this very ending
  const expected = { drain: 2000, client: { end: { min: 1, max: 1 }, refused: { min: 1, max: 1 } } };
  expect(messages({ connections: REFUSED, case: { expect: expected } }).join('\n')).not.toContain('refused');
});

test.each([
  ['told to stop', SHUTDOWN],
  ['behind a link that is down', DOWN],
])('a target may refuse when it is %s', (_, fault) => {
  expect(messages({ connections: REFUSED, case: { faults: [fault] } }).join('\n')).not.toContain('refused');
});

test('a fault that the target kept from coming is a finding', () => {
  const extra = [
    { type: 'fault' as const, action: 'missed' as const, fault: RESET, fidelity: 'wire' as const },
  ];
  expect(messages({ case: { faults: [RESET] }, extra })).toEqual([
    'the fault `reset` could not be applied: the target failed connections before its moment came',
  ]);
});
