import { describe, expect, test } from 'vitest';

import type { Entry } from '../../../journal/entry.ts';
import { anOlderJournal } from '../../testing/sample-journal.ts';
import { aTimedJournal } from '../../testing/timed-run.ts';
import { timelineOf } from './model.ts';

describe('a journal that tells time', () => {
  const model = timelineOf(aTimedJournal());

  test('has phases without gaps, and faults for as long as they lasted', () => {
    expect(model.phases[0]).toMatchObject({ phase: 'warm-up', from: 2, to: 100 });
    expect(model.phases.slice(1).map(({ from }) => from)).toEqual(
      model.phases.slice(0, -1).map(({ to }) => to),
    );
    expect(model.faults).toMatchObject([
      { label: 'toxic latency at upstream', from: 131, to: 241, missed: false },
      { label: 'reset by client', from: 211.5, to: 211.5 },
    ]);
  });

  test('has a bar for client, target and upstream of each connection', () => {
    expect(model.lanes).toHaveLength(6);
    const [first] = model.lanes;
    expect(first?.bars.map(({ actor, from, to }) => [actor, from, to])).toEqual([
      ['client', 132, 211.6],
      // from the client's connection until both peers knew its end
      ['target', 133.2, 214],
      ['upstream', 135, 214.2],
    ]);
    expect(first?.bars[0]?.marks.find(({ event }) => event === 'rst-sent')).toEqual({
      t: 211.5,
      event: 'rst-sent',
      text: 'client sent RST',
    });
  });

  test('leaves the bar open of a side whose end nobody saw', () => {
    const last = model.lanes.at(-1);
    expect(last?.bars.map(({ actor, to }) => [actor, to])).toEqual([
      ['client', 212.1],
      ['target', undefined],
      ['upstream', undefined],
    ]);
  });

  test('ends the bar of the target at its own log line', () => {
    const journal = aTimedJournal().map((entry) =>
      entry.type === 'connection' && entry.actor === 'client' && entry.connection === 0
        ? { ...entry, source: '127.0.0.1:4711' }
        : entry,
    );
    const line = {
      t: 213,
      type: 'end-line' as const,
      id: '1',
      clientPort: 4711,
      incoming: 'econnreset',
      bytesIn: 0,
      bytesOut: 0,
    };
    const [first] = timelineOf([...journal, line]).lanes;
    expect(first?.bars[1]).toMatchObject({
      to: 213,
      marks: [{ text: 'the target logs its end: incoming econnreset' }],
    });
  });

  test('has charts with the baseline, and shows first the time in which things happen', () => {
    expect(model.charts.map(({ name, baseline }) => [name, baseline])).toEqual([
      ['descriptors', 12],
      ['active resources', 1],
      ['records', 0],
      ['heap used', 5],
      ['resident memory', 48_000 / 1024],
    ]);
    const [from, to] = model.action;
    expect(from).toBeLessThan(130);
    expect(to).toBeGreaterThan(241);
    expect(to).toBeLessThan(300);
  });
});

test('an older journal has lanes without times', () => {
  const { timed, lanes } = timelineOf(anOlderJournal());
  expect(timed).toBe(false);
  expect(lanes[0]?.bars).toMatchObject([{ actor: 'client', timed: false }]);
  expect(lanes[0]?.bars[0]?.marks.map(({ text }) => text)).toEqual(['client reset', 'client saw EPIPE']);
});

test('descriptors of the probe, which only looks from outside count, are no growth', () => {
  const fds = { socket: 12, pipe: 3 };
  const journal = aTimedJournal()
    .filter(({ type }) => type !== 'counts')
    .map((entry): Entry =>
      entry.type === 'sample' ? { ...entry, sample: { ...entry.sample, fds } } : entry,
    );
  const looks = [130, 200, 260].map((t): Entry => ({ t, type: 'counts', descriptors: t === 200 ? 30 : 16 }));
  const all = [...journal, ...looks].toSorted((a, b) => a.t - b.t);
  const chart = timelineOf(all).charts.find(({ name }) => name === 'descriptors');
  expect(chart?.baseline).toBe(16);
  expect(chart?.points.map(([, value]) => value)).toEqual([16, 30, 16]);
});
