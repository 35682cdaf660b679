import { expect, test } from 'vitest';

import type { Fault } from '../../scenario/fault.ts';
import { aConnection, aJournal, type JournalParts, TWO_GRACEFUL } from '../testing/hand-built-journal.ts';
import { judge } from '../judge.ts';
import type { Kind } from '../../scenario/suite.ts';

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

test.each(['socks-5', '502'])(
  'a client that is refused by %s has seen an end, in a universal case with a fault',
  (seen) => {
    const connections = [
      ...TWO_GRACEFUL.slice(1),
      aConnection({ seen, did: 'nothing', sent: 0, received: 0 }),
    ];
    const told = (client: object, kind: Kind = 'universal', faults: Fault[] = [RESET]): string[] =>
      messages({ connections, case: { kind, faults, expect: { drain: 2000, client: { ...client } } } });
    const wrong = `1 client saw \`${seen}\`, expected none`;
    expect(told({ end: { min: 2, max: 2 } })).not.toContain(wrong);
    expect(told({ end: { min: 1, max: 1 } })).toContain('2 clients saw `end`, expected 1');
    expect(told({ reset: { min: 0, max: 2 } })).toContain(wrong);
    expect(told({ end: { min: 1, max: 2 } }, 'own')).toContain(wrong);
    expect(told({ end: { min: 1, max: 2 } }, 'universal', [])).toContain(wrong);
  },
);

test.each(['rst-internal-error', 'goaway-protocol-error'])(
  'an end by %s is a reset in a universal case, which names none of HTTP/2',
  (seen) => {
    const connections = [...TWO_GRACEFUL.slice(1), aConnection({ seen })];
    const told = (client: object, kind: Kind = 'universal'): string[] =>
      messages({ connections, case: { kind, expect: { drain: 2000, client: { ...client } } } });
    const wrong = `1 client saw \`${seen}\`, expected none`;
    const ends = { end: { min: 0, max: 2 } };
    expect(told({ ...ends, reset: { min: 1, max: 1 } }).join('\n')).not.toContain('client saw');
    expect(told(ends)).toContain(wrong);
    expect(told({ ...ends, reset: { min: 0, max: 2 } }, 'own')).toContain(wrong);
    // where it is named itself, it is no other
    const named = { ...ends, [seen]: { min: 1, max: 1 }, reset: { min: 0, max: 0 } };
    expect(told(named).join('\n')).not.toContain('client saw');
  },
);

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
