import { describe, expect, test } from 'vitest';

import type { Entry } from '../../journal/entry.ts';
import { aJournal } from '../testing/sample-journal.ts';
import { aResult } from '../testing/sample-run.ts';
import { traceEvents, type TraceEvent } from './trace-events.ts';
import { TraceReporter } from './trace-reporter.ts';
import { traceProblem } from './testing/trace-problem.ts';

const place = { id: 'faults/x', pid: 4, at: 1000, full: true };

/** A journal of version 2, in which two clients live at the same time. */
function aTimedJournal(): Entry[] {
  const connection = (index: number, from: number): unknown => ({
    t: 90,
    type: 'connection',
    actor: 'client',
    round: 1,
    connection: index,
    seen: 'end',
    did: 'closed',
    sent: 1,
    received: 1,
    events: [
      { t: from, event: 'opened' },
      { t: from + 1.5, event: 'established' },
      { t: from + 3, event: 'step', step: 2 },
      { t: from + 20, event: 'error', code: 'ECONNRESET' },
      { t: from + 21, event: 'closed' },
    ],
  });
  return [
    { t: 0, type: 'phase', phase: 'warm-up', round: 0 },
    { t: 10, type: 'phase', phase: 'steady', round: 1 },
    connection(0, 11),
    connection(1, 12),
    { t: 15, type: 'counts', descriptors: 30, rss: 51_200, active: { TCPSocketWrap: 2 } },
    { t: 16, type: 'output', stream: 'stderr', text: '\u001B[31m::error::no\u001B[0m' },
    { t: 50, type: 'phase', phase: 'stop', round: 1 },
    { t: 99, type: 'something-new' },
  ] as Entry[];
}

const slices = (events: readonly TraceEvent[], cat: string): TraceEvent[] =>
  events.filter((one) => one.ph === 'X' && one.cat === cat);

describe('a trace', () => {
  const events = traceEvents(aTimedJournal(), place);

  test('is well-formed, and slices of a thread do not overlap', () => {
    expect(traceProblem(events)).toBeUndefined();
    expect(traceProblem(traceEvents(aJournal(), place))).toBeUndefined();
  });

  test('times are those of the run, in microseconds', () => {
    expect(slices(events, 'phase').map(({ name, ts, dur }) => ({ name, ts, dur }))).toEqual([
      { name: 'warm-up', ts: 1_000_000, dur: 10_000 },
      { name: 'steady (round 1)', ts: 1_010_000, dur: 40_000 },
      { name: 'stop (round 1)', ts: 1_050_000, dur: 49_000 },
    ]);
  });

  test('a connection is a slice of a thread of its own, with its moments', () => {
    const connections = slices(events, 'connection');
    expect(connections.map(({ name, ts, dur, pid }) => ({ name, ts, dur, pid }))).toEqual([
      { name: 'closed · end', ts: 1_011_000, dur: 21_000, pid: 4 },
      { name: 'closed · end', ts: 1_012_000, dur: 21_000, pid: 4 },
    ]);
    expect(new Set(connections.map(({ tid }) => tid)).size).toBe(2);
    const moments = events.filter(({ ph, tid }) => ph === 'i' && tid === connections[0]?.tid);
    expect(moments.map(({ name, ts }) => [name, ts])).toEqual([
      ['opened', 1_011_000],
      ['established', 1_012_500],
      ['step 3', 1_014_000],
      ['error ECONNRESET', 1_031_000],
      ['closed', 1_032_000],
    ]);
  });

  test("the target's output stands among its threads, as text", () => {
    const written = events.filter(({ cat }) => cat === 'stderr');
    expect(written).toMatchObject([{ ph: 'i', name: ': :error::no', ts: 1_016_000, pid: 5 }]);
  });

  test('counts are counters of the target', () => {
    const counters = events.filter(({ ph }) => ph === 'C');
    expect(counters.map(({ name, args }) => [name, args])).toEqual([
      ['descriptors', { descriptors: 30 }],
      ['rss (KiB)', { 'rss (KiB)': 51_200 }],
      ['TCPSocketWrap', { TCPSocketWrap: 2 }],
    ]);
  });

  test('processes and threads have names, and a case without the rest has its phases and faults', () => {
    const named = events.filter(({ ph }) => ph === 'M').map(({ args }) => args?.['name']);
    expect(named).toEqual(
      expect.arrayContaining(['faults/x · client', 'faults/x · target', 'phases', 'connection 1, round 1']),
    );
    const thin = traceEvents(aTimedJournal(), { ...place, full: false });
    expect([...new Set(thin.map(({ cat }) => cat))]).toEqual([undefined, 'phase']);
  });

  test('faults that last beside others have threads of their own; one that is not healed lasts to the end', () => {
    const fault = (t: number, action: 'applied' | 'healed' | 'missed', kind: 'down' | 'reset'): Entry => ({
      t,
      type: 'fault',
      action,
      fault: { kind, side: 'client', when: { at: 'connect' } },
      fidelity: 'wire',
    });
    const journal: Entry[] = [
      fault(1, 'applied', 'down'),
      fault(2, 'applied', 'reset'),
      fault(4, 'healed', 'down'),
      fault(5, 'applied', 'down'),
      { t: 9, type: 'phase', phase: 'stop', round: 1 },
    ];
    const faults = traceEvents(journal, place);
    expect(traceProblem(faults)).toBeUndefined();
    expect(
      slices(faults, 'fault').map(({ name, ts, dur, tid }) => [
        name,
        (ts - 1_000_000) / 1000,
        (dur ?? 0) / 1000,
        tid,
      ]),
    ).toEqual([
      ['down client', 1, 3, 2],
      ['reset client', 2, 7, 3],
      ['down client', 5, 4, 2],
    ]);
    const missed = traceEvents([fault(1, 'missed', 'reset')], place);
    expect(missed.find(({ cat }) => cat === 'fault')).toMatchObject({
      ph: 'i',
      name: 'reset client (missed)',
    });
  });

  test('names of a target stay text', () => {
    const nasty = '::error::x\u001B[31m"\u202E';
    const text = JSON.stringify(traceEvents(aTimedJournal(), { ...place, id: nasty }));
    expect(text).not.toMatch(/\\u001b|\u202E|"::error/);
  });
});

test('the check itself finds overlaps and lacking fields', () => {
  const one: TraceEvent = { name: 'a', ph: 'X', ts: 0, dur: 10, pid: 1, tid: 1 };
  expect(traceProblem([one, { ...one, ts: 5, dur: 10 }])).toMatch(/overlaps/);
  expect(traceProblem([one, { ...one, ts: 5, dur: 5 }])).toBeUndefined();
  expect(traceProblem([{ ...one, dur: -1 }])).toMatch(/dur/);
});

describe('the reporter', () => {
  function aTrace(cases: number, most?: number): { text: string; trace: Trace } {
    const entries = aTimedJournal();
    let text = '';
    let now = 1_000_000;
    const options = { now: () => (now += 100), ...(most === undefined ? {} : { most }) };
    const reporter = new TraceReporter({ write: (written) => (text += written) }, options);
    reporter.onRunStart({ started: new Date(1_000_000) });
    for (let index = 0; index < cases; index++) {
      reporter.onCaseStart({ id: `x[n=${index}]` });
      reporter.onCaseEnd(aResult({ id: `x[n=${index}]` }), [entries, entries]);
    }
    // a case that was skipped never began
    reporter.onCaseEnd(aResult({ id: 'skipped', verdict: 'skipped' }), [aJournal()]);
    reporter.onRunEnd({ lastfin: '0.1.0', started: '2026-01-02T03:04:05.678Z' });
    return { text, trace: JSON.parse(text) as Trace };
  }
  type Trace = { traceEvents: TraceEvent[]; displayTimeUnit: string; otherData: Record<string, unknown> };

  test('writes one JSON for all cases, each with processes of its own, attempts after one another', () => {
    const { trace } = aTrace(2);
    expect(trace.displayTimeUnit).toBe('ms');
    expect(traceProblem(trace.traceEvents)).toBeUndefined();
    const phases = slices(trace.traceEvents, 'phase').filter(({ name }) => name === 'warm-up');
    expect(phases.map(({ ts }) => ts / 1000)).toEqual([200, 299, 300, 399]);
    expect(new Set(phases.map(({ pid }) => pid)).size).toBe(4);
  });

  test('a run without a case is JSON, too', () => {
    expect(aTrace(0).trace.traceEvents).toEqual([]);
  });

  test('passed cases after very many events have no connections, and that is said', () => {
    const { trace } = aTrace(10, 30);
    // both journals of the first case fit: thirty events are reached in the second
    expect(trace.otherData).toMatchObject({ 'passed cases without connections and counts': 18 });
    expect(slices(trace.traceEvents, 'connection')).toHaveLength(4);
    expect(slices(trace.traceEvents, 'phase')).toHaveLength(60);
  });
});
