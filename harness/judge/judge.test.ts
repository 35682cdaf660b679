import { assert, property, shuffledSubarray, subarray } from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  aConnection,
  aJournal,
  aSuspect,
  TWO_GRACEFUL,
  type JournalParts,
} from './testing/hand-built-journal.ts';
import { judge } from './judge.ts';

describe('verdict', () => {
  test('a clean journal passes, with its figures', () => {
    expect(judge(aJournal())).toEqual({
      id: 'faults/client-reset[phase=idle]',
      scenario: 'faults/client-reset',
      cell: { phase: 'idle' },
      about: 'a client that resets leaves nothing behind',
      source: { file: 'scenarios/faults/client-reset.yaml', line: 3, column: 1 },
      target: 'proxy',
      connections: 2,
      seed: 1,
      kind: 'universal',
      verdict: 'passed',
      findings: [],
      drain: 12,
      took: 18,
      terminations: { incoming: { normal: 2 }, outgoing: { closed_incoming: 2 } },
      seen: { client: { end: 2 }, upstream: { end: 2 } },
    });
  });

  test('any finding fails', () => {
    expect(judge(aJournal({ reports: { settled: [aSuspect()] } })).verdict).toBe('failed');
  });

  test('a lab error is an error, whatever else was found', () => {
    const result = judge(
      aJournal({
        reports: { settled: [aSuspect()] },
        extra: [{ type: 'lab-error', code: 'LASTFIN_LAB', message: 'no port' }],
      }),
    );
    expect(result).toMatchObject({ verdict: 'error', reason: 'LASTFIN_LAB: no port', findings: [] });
  });

  test('a probe that fell silent because the target died is not the lab', () => {
    const parts: JournalParts = {
      settled: null,
      extra: [{ type: 'lab-error', code: 'LASTFIN_PROBE', message: 'gone' }],
    };
    expect(judge(aJournal({ ...parts, exit: { asked: false, code: 1 } })).verdict).toBe('failed');
    expect(judge(aJournal(parts)).verdict).toBe('error');
  });

  test('skipped, with the reason', () => {
    const result = judge(aJournal({ extra: [{ type: 'skipped', reason: 'needs a network namespace' }] }));
    expect(result).toMatchObject({ verdict: 'skipped', reason: 'needs a network namespace' });
  });

  test('without an exit it is an error that says where the journal ends', () => {
    expect(judge(aJournal({ exit: null })).reason).toMatch(/ends early, in the release phase/);
  });

  test('without a look after settling it is an error', () => {
    expect(judge(aJournal({ settled: null })).reason).toMatch(/no look at the target after settling/);
  });

  test('without a baseline it is an error', () => {
    const journal = aJournal().filter((entry) => entry.type !== 'sample' || entry.at !== 'baseline');
    expect(judge(journal).reason).toMatch(/no baseline/);
  });

  test('an empty journal, and one without its head, are errors', () => {
    expect(judge([])).toMatchObject({ verdict: 'error', reason: 'the journal is empty' });
    expect(judge(aJournal().slice(1))).toMatchObject({ verdict: 'error' });
    expect(judge([{ t: 0, type: 'lab-error', code: 'LASTFIN_LAB', message: 'no port' }]).reason).toBe(
      'the journal does not begin with its case (LASTFIN_LAB: no port)',
    );
  });

  test('the lowest fidelity of the applied faults is shown', () => {
    const when = { at: 'connect' } as const;
    const result = judge(
      aJournal({
        faults: [
          { fault: { kind: 'refused', when }, fidelity: 'kernel' },
          { fault: { kind: 'down', side: 'client', when }, fidelity: 'wire' },
        ],
      }),
    );
    expect(result.fidelity).toBe('wire');
  });

  test('what the warm-up saw is ignored', () => {
    const connections = [
      ...TWO_GRACEFUL,
      aConnection({ round: 0, seen: 'reset', failure: { step: 'open', index: 0, message: 'x' } }),
    ];
    const expectations = { drain: 2000, client: { end: { min: 2, max: 2 } } };
    expect(judge(aJournal({ connections, case: { expect: expectations } })).findings).toEqual([]);
  });
});

describe('properties', () => {
  const full = aJournal({
    case: {
      expect: {
        drain: 2000,
        incoming: { normal: { min: 'all', max: 'all' } },
        client: { end: { min: 'all', max: 'all' } },
        delivered: { toUpstream: 20, toClient: 20 },
      },
    },
    publishes: { records: true, terminations: true, ends: true },
    endLines: [{ id: '1', incoming: 'normal', outgoing: 'closed_incoming', bytesIn: 10, bytesOut: 10 }],
    reports: { settled: [aSuspect({ rule: 'growth' })], confirmed: [aSuspect({ count: 6 })] },
    explained: { 'socket:tunnel.ts:41': [{ file: 'src/pool.ts', line: 7, column: 3 }] },
    faults: [{ fault: { kind: 'down', side: 'client', when: { at: 'connect' } }, fidelity: 'wire' }],
  });

  test('a journal cut at any line is judged without an exception, and never passes', () => {
    for (let length = 0; length < full.length; length++) {
      expect(judge(full.slice(0, length))).toMatchObject({ verdict: 'error', reason: expect.any(String) });
    }
    expect(judge(full).verdict).toBe('failed');
  });

  test('no subset of a journal, in any order, makes it throw', () => {
    assert(
      property(shuffledSubarray(full), (entries) => {
        expect(['passed', 'failed', 'skipped', 'error']).toContain(judge(entries).verdict);
      }),
    );
  });

  test('judging is deterministic and does not change the journal', () => {
    assert(
      property(subarray(full), (entries) => {
        const before = JSON.stringify(entries);
        expect(judge(entries)).toEqual(judge(entries));
        expect(JSON.stringify(entries)).toBe(before);
      }),
    );
  });

  test('a journal that went through JSON is judged the same, and so is plain JSON itself', () => {
    assert(
      property(subarray(full), (entries) => {
        const result = judge(entries);
        expect(judge(JSON.parse(JSON.stringify(entries)))).toEqual(result);
        expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      }),
    );
  });
});
