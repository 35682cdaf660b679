import { describe, expect, test } from 'vitest';

import { aJournal, aSuspect, type JournalParts } from '../testing/hand-built-journal.ts';
import { judge } from '../judge.ts';
import type { Suspect } from '../../probe/protocol.ts';
import type { Finding } from '../verdict.ts';

const leaksOf = (parts: JournalParts): Finding[] =>
  judge(aJournal(parts)).findings.filter((finding) => finding.kind === 'leak');

const growing = aSuspect({ rule: 'growth', resource: 'listener', fingerprint: 'l' });
const shutdown = { faults: [{ kind: 'shutdown' as const, when: { at: 'connect' as const } }] };

describe('suspects', () => {
  test('presence: one that is there after settling is a leak', () => {
    expect(leaksOf({ reports: { settled: [aSuspect()], released: [aSuspect()] } })).toEqual([
      {
        kind: 'leak',
        message:
          '2 open sockets left after 2 connections, from src/tunnel.ts:41:9 (openTunnel); hard: stayed after the peers let go',
        resource: 'socket',
        count: 2,
        fingerprint: 'socket:tunnel.ts:41',
        where: [{ file: 'src/tunnel.ts', line: 41, column: 9, name: 'openTunnel' }],
        sample: 'TCP socket to 127.0.0.1:9000',
        hold: 'hard',
      },
    ]);
  });

  test.each<[string, JournalParts['reports'], number]>([
    ['none', {}, 0],
    ['growth that was not confirmed: a resident', { settled: [growing] }, 0],
    ['growth that did not go on: a resident', { settled: [growing], confirmed: [growing] }, 0],
    ['growth that shrank', { settled: [growing], confirmed: [{ ...growing, count: 1 }] }, 0],
    ['growth that went on', { settled: [growing], confirmed: [{ ...growing, count: 6 }] }, 1],
    ['growth only in the confirming rounds', { settled: [], confirmed: [{ ...growing, count: 4 }] }, 0],
    [
      'another fingerprint grew',
      { settled: [growing], confirmed: [{ ...growing, fingerprint: 'm', count: 6 }] },
      0,
    ],
    ['nothing of it', { settled: [aSuspect({ count: 0 })] }, 0],
  ])('%s', (_, reports, found) => {
    expect(leaksOf(reports === undefined ? {} : { reports })).toHaveLength(found);
  });

  test.each([
    [60_000, 'bounded', 'bounded: ends by itself after 1 min'],
    [2500, 'bounded', 'bounded: ends by itself after 2.5 s'],
    // the timer was set again: within the drain limit it fires
    [500, 'hard', 'hard: stayed after the peers let go'],
  ])('a timer that fires once after %i ms: %s', (firesAfter, hold, words) => {
    const timer = aSuspect({ resource: 'timer', firesAfter });
    const [found] = leaksOf({ reports: { settled: [timer], released: [timer] } });
    expect(found).toMatchObject({ hold, message: expect.stringMatching(`; ${words}$`) as string });
  });

  describe('what hangs on another suspect', () => {
    const held = aSuspect({ rule: 'growth', resource: 'retained-socket', fingerprint: 'h', heldBy: 'l' });
    const leaksWith = (holder: number, kept: number): string[] =>
      leaksOf({
        reports: {
          settled: [growing, held],
          confirmed: [
            { ...growing, count: holder },
            { ...held, count: kept },
          ],
        },
      }).map((finding) => ('resource' in finding ? finding.resource : finding.kind));

    test('is counted there, where that is a leak', () => {
      expect(leaksWith(6, 6)).toEqual(['listener']);
    });

    test('is a leak of its own, where that is a resident', () => {
      expect(leaksWith(2, 6)).toEqual(['retained-socket']);
    });

    test('is none where it does not grow either', () => {
      expect(leaksWith(2, 2)).toEqual([]);
    });
  });

  test('a growing one says how it grew', () => {
    const [leak] = leaksOf({ reports: { settled: [growing], confirmed: [{ ...growing, count: 6 }] } });
    expect(leak?.message).toMatch(
      /^2 event listeners left after 2 connections, and 4 more in two more rounds,/,
    );
  });

  test('after a shutdown nothing can be left to find', () => {
    expect(leaksOf({ case: shutdown, reports: { settled: [aSuspect()] } })).toEqual([]);
  });

  test.each<[string, JournalParts['reports'], string, RegExp]>([
    ['gone', { released: [] }, 'peer-held', /peer-held: cleared only when the peers let go$/],
    ['counted down to none', { released: [aSuspect({ count: 0 })] }, 'peer-held', /peer-held/],
    ['partly gone', { released: [aSuspect({ count: 1 })] }, 'hard', /hard: 1 cleared .*, 1 stayed$/],
    ['no look after the release', { released: null }, 'hard', /hard: nothing was seen to clear it$/],
    [
      'closed but kept',
      { released: [aSuspect({ resource: 'retained-socket', fingerprint: 'r' })] },
      'hard',
      /still referenced$/,
    ],
    [
      'another socket is kept',
      { released: [aSuspect({ resource: 'retained-socket', fingerprint: 'r', where: [] })] },
      'peer-held',
      /peer-held/,
    ],
  ])('hold: %s', (_, reports, hold, message) => {
    const [leak] = leaksOf({ reports: { settled: [aSuspect()], ...reports } });
    expect(leak).toMatchObject({ hold, message: expect.stringMatching(message) });
  });

  test('the lines that insert come before the lines that made the collection', () => {
    const collection = aSuspect({ resource: 'collection', rule: 'growth', fingerprint: 'c' });
    const inserted = { file: 'src/registry.ts', line: 7, column: 3 };
    const [leak] = leaksOf({
      reports: { settled: [collection], confirmed: [{ ...collection, count: 6 }] },
      explained: { c: [inserted, inserted] },
    });
    expect(leak).toMatchObject({ where: [inserted, { line: 41 }] });
    expect(leak?.message).toMatch(/from src\/registry\.ts:7:3;/);
  });

  test('listeners that one call put on several events are one finding', () => {
    const on = (event: string, count: number): Suspect =>
      aSuspect({
        resource: 'listener',
        fingerprint: event,
        count,
        sample: `PassThrough '${event}': ${count} listeners`,
      });
    const found = leaksOf({
      reports: { settled: [on('close', 2), on('end', 2), on('error', 2), on('data', 3)] },
    });
    expect(found).toMatchObject([
      { sample: "PassThrough 'close': 2 listeners; as many on PassThrough 'end', PassThrough 'error'" },
      { sample: "PassThrough 'data': 3 listeners" },
    ]);
    const elsewhere = { ...on('end', 2), where: [{ file: 'src/tunnel.ts', line: 42, column: 9 }] };
    expect(leaksOf({ reports: { settled: [on('close', 2), elsewhere] } })).toHaveLength(2);
  });

  test('a fingerprint that comes twice counts once, with both counts', () => {
    expect(leaksOf({ reports: { settled: [aSuspect(), aSuspect()] } })).toMatchObject([{ count: 4 }]);
  });
});

describe('gauges', () => {
  const held = { gauges: { records: 2 } };

  test.each<[string, JournalParts, string | undefined]>([
    ['back', {}, undefined],
    ['above, and above after the release', { settled: held, released: held }, 'hard'],
    [
      'above, and back after the release',
      { settled: held, released: { gauges: { records: 0 } } },
      'peer-held',
    ],
    ['above, no look after the release', { settled: held, reports: { released: null } }, 'hard'],
    ['as high as before', { baseline: held, settled: held }, undefined],
    ['lower than before', { baseline: held, settled: { gauges: { records: 0 } } }, undefined],
  ])('%s', (_, parts, hold) => {
    expect(
      leaksOf({ publishes: { records: true, terminations: false, ends: false }, ...parts }),
    ).toMatchObject(hold === undefined ? [] : [{ resource: 'record', count: 2, hold }]);
  });
});

describe('active resources', () => {
  const late = { drain: { drained: false } };
  const two = { resources: { TCPServerWrap: 1, TCPSocketWrap: 2 } };
  const six = { resources: { TCPServerWrap: 1, TCPSocketWrap: 6 } };

  test.each<[string, JournalParts, number]>([
    ['as many as connections', { settled: two }, 1],
    ['fewer than connections', { settled: { resources: { Timeout: 1 } } }, 0],
    [
      'one, for one connection',
      { settled: { resources: { Timeout: 1 } }, case: { connections: { count: 1, concurrent: 1 } } },
      0,
    ],
    ['confirmed', { settled: two, confirmed: six }, 1],
    ['not confirmed', { settled: two, confirmed: two }, 0],
    ['drained all the same', { settled: two, drain: {} }, 0],
    ['no report was made', { settled: two, reports: { settled: null } }, 0],
  ])('%s', (_, parts, found) => {
    expect(
      leaksOf({ ...late, ...parts }).filter(
        (one) => one.kind === 'leak' && one.resource === 'active-resource',
      ),
    ).toHaveLength(found);
  });

  test('a leak that explains them is enough', () => {
    const found = leaksOf({ ...late, settled: two, reports: { settled: [aSuspect()] } });
    expect(found).toMatchObject([{ resource: 'socket' }]);
    expect(leaksOf({ ...late, settled: { ...two, gauges: { records: 2 } } })).toMatchObject([
      { resource: 'record' },
    ]);
  });

  test('a resident may explain them too: in doubt, nothing is said', () => {
    expect(leaksOf({ ...late, settled: two, reports: { settled: [growing], confirmed: [growing] } })).toEqual(
      [],
    );
  });

  test('gone after the release', () => {
    expect(leaksOf({ ...late, settled: two, released: { resources: { TCPServerWrap: 1 } } })).toMatchObject([
      { hold: 'peer-held' },
    ]);
  });
});
