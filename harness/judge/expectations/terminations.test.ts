import { describe, expect, test } from 'vitest';

import type { CountRange, Expectations } from '../../scenario/expectations.ts';
import { aConnection, aJournal, TWO_GRACEFUL, type JournalParts } from '../testing/hand-built-journal.ts';
import { judge } from '../judge.ts';

const all: CountRange = { min: 'all', max: 'all' };
const exactly = (count: number): CountRange => ({ min: count, max: count });
const expecting = (expectations: Partial<Expectations>): JournalParts => ({
  case: { expect: { drain: 2000, ...expectations } },
});
const messages = (parts: JournalParts): string[] =>
  judge(aJournal(parts)).findings.map((finding) => finding.message);

const shuttingDown = (rest: JournalParts, count = 2): JournalParts => ({
  case: {
    expect: { drain: 2000, incoming: { shutdown: exactly(count) }, outgoing: { shutdown: exactly(count) } },
    faults: [{ kind: 'shutdown', when: { at: 'connect' } }],
  },
  settled: null,
  ...rest,
});

describe('terminations', () => {
  test.each<[string, Partial<Expectations>, string[]]>([
    ['as expected', { incoming: { normal: all }, outgoing: { closed_incoming: exactly(2) } }, []],
    ['in range', { incoming: { normal: { min: 1, max: 3 }, econnreset: { min: 0, max: 1 } } }, []],
    ['not judged', {}, []],
    ['one side only', { incoming: { normal: all } }, []],
    ['too few', { incoming: { normal: exactly(3) } }, ['incoming: 2 ended as `normal`, expected 3']],
    [
      'out of range',
      { incoming: { normal: { min: 3, max: 4 } } },
      ['incoming: 2 ended as `normal`, expected 3 to 4'],
    ],
    [
      'too many',
      { incoming: { normal: { min: 0, max: 1 } } },
      ['incoming: 2 ended as `normal`, expected at most 1'],
    ],
    [
      'an unnamed reason',
      { outgoing: { econnreset: all } },
      [
        'outgoing: 0 ended as `econnreset`, expected 2',
        'outgoing: 2 ended as `closed_incoming`, expected none',
      ],
    ],
    ['nothing must end', { outgoing: {} }, ['outgoing: 2 ended as `closed_incoming`, expected none']],
  ])('%s', (_, expectations, found) => {
    expect(messages(expecting(expectations))).toEqual(found);
  });

  test('a target that publishes none is not judged', () => {
    const publishes = { records: true, terminations: false, ends: false };
    expect(messages({ ...expecting({ incoming: {} }), publishes })).toEqual([]);
  });
});

describe('terminations at a shutdown', () => {
  const line = { incoming: 'shutdown', outgoing: 'shutdown', bytesIn: 0, bytesOut: 0 };
  const both = {
    terminations: { incoming: { normal: 2, shutdown: 2 }, outgoing: { closed_incoming: 2, shutdown: 2 } },
  };
  const publishes = { records: true, terminations: true, ends: true };

  test('from the sample of the stopping target', () => {
    expect(messages(shuttingDown({ stopping: both }))).toEqual([]);
    expect(messages(shuttingDown({ stopping: both }, 3))).toHaveLength(2);
  });

  test('from the end lines, where there was no sample', () => {
    const endLines = [
      { id: '1', ...line },
      { id: '2', ...line },
    ];
    expect(messages(shuttingDown({ publishes, endLines }))).toEqual([]);
    expect(messages(shuttingDown({ publishes, endLines }, 3))).toHaveLength(2);
  });

  test('from the end lines, where the sample came too early', () => {
    const early = { counters: { accepted: 4, outgoing_created: 4 }, gauges: { records: 2 } };
    const endLines = [
      { id: '1', ...line },
      { id: '2', ...line },
    ];
    const stopping = {
      ...early,
      terminations: { incoming: { normal: 2 }, outgoing: { closed_incoming: 2 } },
    };
    expect(judge(aJournal(shuttingDown({ publishes, endLines, stopping }))).terminations.incoming).toEqual({
      shutdown: 2,
    });
  });

  test('unknown is not passed', () => {
    expect(judge(aJournal(shuttingDown({})))).toMatchObject({
      verdict: 'error',
      reason: expect.stringMatching(/not known/),
    });
  });
});

describe('what the actors saw', () => {
  test.each<[string, Partial<Expectations>, string[]]>([
    ['as expected', { client: { end: all }, upstream: { end: all } }, []],
    ['not judged', {}, []],
    [
      'otherwise',
      { client: { reset: exactly(1), end: exactly(1) } },
      ['0 clients saw `reset`, expected 1', '2 clients saw `end`, expected 1'],
    ],
    ['unnamed', { upstream: {} }, ['2 upstreams saw `end`, expected none']],
  ])('%s', (_, expectations, found) => {
    expect(messages(expecting(expectations))).toEqual(found);
  });
});

const failing = (connection: number, message: string, round = 1): (typeof TWO_GRACEFUL)[number] =>
  aConnection({ connection, round, failure: { step: 'expect 10 bytes', index: 2, message } });

describe('steps', () => {
  test('alike failures are one finding, figures aside', () => {
    const connections = [failing(0, 'only 3 came'), failing(1, 'only 7 came'), failing(2, 'reset')];
    expect(judge(aJournal({ connections })).findings).toMatchObject([
      {
        kind: 'step',
        actor: 'client',
        step: 'expect 10 bytes',
        connections: 2,
        message: '2 clients could not complete step 3, `expect 10 bytes`: only 3 came',
      },
      { kind: 'step', connections: 1 },
    ]);
  });

  test('an attempt to connect that the target gave up for another is none, unless a client is the worse for it', () => {
    const unused = aConnection({
      actor: 'upstream',
      connection: 9,
      received: 0,
      failure: { step: 'expect 64 bytes', index: 0, message: 'expected 64 bytes, got 0: saw end' },
    });
    expect(messages({ connections: [...TWO_GRACEFUL, unused] })).toEqual([]);
    expect(messages({ connections: [...TWO_GRACEFUL.slice(0, -1), unused] })).toHaveLength(1);
    expect(messages({ connections: [failing(0, 'x'), ...TWO_GRACEFUL.slice(1), unused] })).toHaveLength(2);
  });

  test('in a confirming round it says so; in the warm-up it is nothing', () => {
    expect(messages({ connections: [...TWO_GRACEFUL, failing(0, 'x', 2)] })).toEqual([
      '1 client could not complete step 3, `expect 10 bytes` in confirming round 2: x',
    ]);
    expect(messages({ connections: [...TWO_GRACEFUL, failing(0, 'x', 0)] })).toEqual([]);
  });
});
