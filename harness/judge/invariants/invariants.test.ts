import { describe, expect, test } from 'vitest';

import type { Sample } from '../../probe/protocol.ts';
import type { EndLine } from '../../journal/entry.ts';
import type { Fault } from '../../scenario/fault.ts';
import {
  AFTER_ROUND,
  aConnection,
  aJournal,
  TWO_GRACEFUL,
  type JournalParts,
} from '../testing/hand-built-journal.ts';
import { judge } from '../judge.ts';

const invariants = (parts: JournalParts): [invariant: string, message: string][] =>
  judge(aJournal(parts))
    .findings.flatMap((one) => (one.kind === 'invariant' ? [[one.invariant, one.message] as const] : []))
    .map(([invariant, message]) => [invariant, message]);

const terminations = (incoming: number, outgoing = 4): Partial<Sample> => ({
  terminations: { incoming: { normal: incoming }, outgoing: { closed_incoming: outgoing } },
});

const line = (id: string, parts: Partial<EndLine> = {}): EndLine => ({
  id,
  incoming: 'normal',
  outgoing: 'closed_incoming',
  bytesIn: 10,
  bytesOut: 10,
  upstreamBytesIn: 10,
  upstreamBytesOut: 10,
  ...parts,
});

describe('conservation', () => {
  test.each<[string, JournalParts, [string, RegExp][]]>([
    ['holds', {}, []],
    ['holds while records live', { settled: { ...terminations(3), gauges: { records: 1 } } }, []],
    [
      'a connection vanished',
      { settled: terminations(3) },
      [
        [
          'conservation',
          /^1 accepted connections have neither ended nor a record: accepted 2, ended 1, records 0/,
        ],
      ],
    ],
    [
      'a record outlives its end',
      { settled: { gauges: { records: 2 } } },
      [['conservation', /^2 more ends and records/]],
    ],
    [
      'a counter moved twice',
      { settled: terminations(6) },
      [['one-end', /^incoming sides ended more than once/]],
    ],
    ['broken only after the release', { released: terminations(6) }, [['one-end', /released sample/]]],
    ['an outgoing end twice', { settled: terminations(4, 5) }, [['one-end', /^outgoing sides/]]],
    [
      'an outgoing socket vanished',
      { settled: terminations(4, 3) },
      [['conservation', /^1 outgoing sockets/]],
    ],
    [
      'outgoing, by its own gauge',
      {
        baseline: { gauges: { records: 0, outgoing: 0 } },
        settled: { ...terminations(4, 3), gauges: { records: 0, outgoing: 1 } },
        released: { ...terminations(4), gauges: { records: 0, outgoing: 0 } },
      },
      [],
    ],
    [
      'outgoing, against its own gauge',
      { settled: { ...terminations(4, 4), gauges: { records: 0, outgoing: 1 } }, released: terminations(4) },
      [['one-end', /^outgoing/]],
    ],
    ['a gauge below zero', { settled: { gauges: { records: -1 } } }, [['conservation', /`records` is -1/]]],
    [
      'without counters',
      {
        baseline: { counters: {} },
        settled: { ...terminations(6, 6), counters: {} },
        released: { counters: {} },
      },
      [],
    ],
    [
      'without terminations',
      { settled: terminations(6), publishes: { records: true, terminations: false, ends: false } },
      [],
    ],
  ])('%s', (_, parts, found) => {
    expect(invariants(parts)).toEqual(
      found.map(([invariant, message]) => [invariant, expect.stringMatching(message)]),
    );
  });
});

describe('end lines', () => {
  const publishes = { records: true, terminations: true, ends: true };
  const both = [line('1'), line('2')];

  test.each<[string, JournalParts, [string, RegExp][]]>([
    ['agree', { endLines: both }, []],
    ['not published', { endLines: [line('1')], publishes: { ...publishes, ends: false } }, []],
    [
      'one is missing',
      { endLines: [line('1')] },
      [
        ['log', /incoming `normal`: 2 counted, 1 log line$/],
        ['log', /outgoing `closed_incoming`: 2 counted, 1 log line$/],
      ],
    ],
    [
      'another reason',
      { endLines: [line('1'), line('2', { incoming: 'error' })] },
      [
        ['log', /`normal`/],
        ['log', /`error`: 0 counted, 1 log line$/],
      ],
    ],
    [
      'one too many',
      { endLines: [...both, line('3')] },
      [
        ['log', /3 log lines/],
        ['log', /3 log lines/],
      ],
    ],
    [
      'one twice',
      { endLines: [...both, line('2', { incoming: undefined, outgoing: undefined })] },
      [['one-end', /^1 connection was logged as ended more than once: 2$/]],
    ],
    ['late ones count', { extra: both.map((one) => ({ type: 'end-line', ...one })) }, []],
    [
      'late ones of the stop do not',
      {
        endLines: both,
        extra: [{ type: 'end-line', ...line('3', { incoming: 'shutdown', outgoing: 'shutdown' }) }],
      },
      [],
    ],
  ])('%s', (_, parts, found) => {
    expect(invariants({ publishes, ...parts })).toEqual(
      found.map(([invariant, message]) => [invariant, expect.stringMatching(message)]),
    );
  });

  test('lines of the warm-up that arrive late do not count against the round', () => {
    expect(invariants({ publishes, endLines: [line('a'), line('b'), ...both] })).toEqual([]);
  });

  test.each<[string, Partial<EndLine>, number]>([
    ['even', {}, 0],
    ['not published', { upstreamBytesIn: undefined, upstreamBytesOut: undefined }, 0],
    ['lost to the upstream', { upstreamBytesOut: 9 }, 1],
    ['lost to the client', { bytesOut: 9 }, 1],
  ])('bytes: %s', (_, parts, found) => {
    expect(
      invariants({ publishes, endLines: [line('1', parts), line('2')] }).filter(
        ([invariant]) => invariant === 'bytes',
      ),
    ).toHaveLength(found);
  });

  test('the lines of all connections, the warm-up too, account for all bytes', () => {
    const other = line('1', { count: 2, bytesIn: 7, upstreamBytesOut: 7, bytesOut: 20, upstreamBytesIn: 20 });
    const sums = invariants({ publishes, endLines: [line('0'), other] }).filter(
      ([invariant]) => invariant === 'bytes',
    );
    expect(sums.map(([, message]) => message)).toEqual([
      'the log accounts for other bytes than passed: clients sent 30 and received 30 bytes, the lines say 17 and 30',
    ]);
  });

  test('each line names a client that there was', () => {
    const connections = TWO_GRACEFUL.map((one) => ({ ...one, source: `127.0.0.1:${4000 + one.connection}` }));
    const named = (port: number, clientAddress: string): EndLine =>
      line(String(port), { clientAddress, clientPort: port });
    const right = [named(4000, '127.0.0.1'), named(4001, '::ffff:127.0.0.1')];
    expect(invariants({ publishes, connections, endLines: right })).toEqual([]);
    expect(invariants({ publishes, connections, endLines: [right[0]!, named(4002, '127.0.0.1')] })).toEqual([
      ['log', '1 log line names a client that there was not: `127.0.0.1:4002`'],
    ]);
    // behind a link the clients' addresses are unknown
    expect(invariants({ publishes, endLines: [right[0]!, named(4002, '127.0.0.1')] })).toEqual([]);
  });

  test('bytes of an end that was not graceful are not compared', () => {
    const lines = [line('1', { incoming: 'econnreset', upstreamBytesOut: 9 }), line('2')];
    expect(invariants({ publishes, endLines: lines }).filter(([invariant]) => invariant === 'bytes')).toEqual(
      [],
    );
  });

  test('bytes are not compared where an actor closed without reading on', () => {
    const connections = [...TWO_GRACEFUL, aConnection({ connection: 2, did: 'abandoned', seen: 'none' })];
    const parts = { publishes, connections, endLines: [line('1', { bytesOut: 1 }), line('2')] };
    expect(invariants(parts)).toEqual([]);
  });
});

describe('bytes', () => {
  const short = [...TWO_GRACEFUL.slice(0, 3), aConnection({ actor: 'upstream', connection: 1, received: 3 })];
  const fault = (one: Fault): JournalParts => ({ connections: short, case: { faults: [one] } });
  const when = { at: 'connect' } as const;
  const toxic = {
    kind: 'toxic',
    side: 'client',
    direction: 'to-client',
    toxicity: 1,
    attributes: {},
    when,
  } as const;

  test.each<[string, JournalParts, number]>([
    ['all arrived', {}, 0],
    ['some did not', { connections: short }, 1],
    [
      'some were too many',
      { connections: [...TWO_GRACEFUL.slice(0, 3), aConnection({ actor: 'upstream', received: 30 })] },
      1,
    ],
    ['a slow link loses nothing', fault({ ...toxic, type: 'latency' }), 1],
    ['a cut link does', fault({ ...toxic, type: 'limit_data' }), 0],
    ['so does a reset', fault({ kind: 'reset', side: 'client', when }), 0],
    [
      'a stock Toxiproxy closes both ways',
      {
        ...fault({ ...toxic, type: 'latency' }),
        faults: [{ fault: { ...toxic, type: 'latency' }, fidelity: 'toxiproxy' }],
      },
      0,
    ],
    [
      'a sender that never finished',
      { connections: short.map((one) => ({ ...one, did: 'nothing' as const })) },
      0,
    ],
    ['a receiver that saw no end', { connections: short.map((one) => ({ ...one, seen: 'none' })) }, 0],
    ['a connection that was never passed on', { connections: TWO_GRACEFUL.slice(0, 3) }, 0],
    [
      'a step failed: that is the finding',
      { connections: [...short, aConnection({ failure: { step: 's', index: 0, message: 'm' } })] },
      0,
    ],
  ])('%s', (_, parts, found) => {
    expect(invariants(parts).filter(([invariant]) => invariant === 'bytes')).toHaveLength(found);
  });

  test('a wrong byte in any round', () => {
    const wrong = { at: 17, expected: '00ff0102', got: '0a4f4b00' };
    const connections = [...TWO_GRACEFUL, aConnection({ round: 3, connection: 4, wrong })];
    expect(invariants({ connections })).toEqual([
      [
        'bytes',
        '1 connection received other bytes than were sent: client connection 4 of round 3, first at byte 17: expected 00 ff 01 02, got 0a 4f 4b 00 ".OK."',
      ],
    ]);
    expect(invariants({ connections: [...TWO_GRACEFUL, aConnection({ round: 0, wrong })] })).toEqual([]);
  });

  test('bytes of a script itself are passed on, or taken by the target', () => {
    const withRaw = (received: number): JournalParts => ({
      connections: TWO_GRACEFUL.map((one) =>
        one.actor === 'client' ? { ...one, raw: 4 } : { ...one, received },
      ),
    });
    expect(invariants(withRaw(10))).toEqual([]);
    expect(invariants(withRaw(6))).toEqual([]);
    expect(invariants(withRaw(8))).toMatchObject([['bytes', expect.stringContaining('4 bytes lost')]]);
  });

  test('of a target that is no transparent pipe only what piles up is judged, and the result says why', () => {
    const wrong = { at: 1, expected: '00', got: '45' };
    const parts: JournalParts = {
      case: { expect: { drain: 2000, absorbed: 5, delivered: { toUpstream: 1 } } },
      connections: short.map((one) => ({ ...one, wrong, sentAtEnd: 6 })),
      extra: [{ type: 'opaque', reason: 'it greets' }],
    };
    expect(invariants(parts)).toMatchObject([['bytes', expect.stringContaining('piled up')]]);
    expect(judge(aJournal(parts)).opaque).toBe('it greets');
  });

  test.each([
    [{ toUpstream: 20, toClient: 20 }, []],
    [{ toUpstream: 21 }, ['not delivered as expected: upstreams received 20 bytes, expected 21']],
    [{ toClient: 0 }, ['not delivered as expected: clients received 20 bytes, expected 0']],
  ])('delivered %j', (delivered, found) => {
    const parts = { case: { expect: { drain: 2000, delivered } } };
    expect(invariants(parts).map(([, message]) => message)).toEqual(found);
  });

  test.each([
    [990, []],
    [989, ['1 connection piled up what the other side did not take: 990 bytes at the most, allowed are 989']],
  ])('at most %i bytes absorbed', (absorbed, found) => {
    const connections = TWO_GRACEFUL.map((one, index) => (index === 0 ? { ...one, sentAtEnd: 990 } : one));
    const parts = { case: { expect: { drain: 2000, absorbed } }, connections };
    const messages = invariants(parts).map(([, message]) => message);
    expect(messages.filter((message) => message.includes('piled up'))).toEqual(found);
  });
});

test('the figures of the clean fixture agree with each other', () => {
  expect(invariants({ settled: AFTER_ROUND })).toEqual([]);
});
