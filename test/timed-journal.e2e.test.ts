import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { readJournal } from '../index.ts';
import type { ConnectionEvent, Entry } from '../harness/journal/entry.ts';
import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

type Of<T extends Entry['type']> = Extract<Entry, { type: T }>;

const CASES = [
  'faults/client-reset[phase=idle]',
  'faults/mass-disconnect[how=client-reset]',
  'faults/link-down[phase=live]',
  'tls/terminate',
  'http/keep-alive',
  'lifecycle/inactivity[count=50]',
];

let folder: string;
let done: () => Promise<void>;
const journals = new Map<string, Entry[]>();

beforeAll(async () => {
  ({ folder, done } = await temporaryFolder());
  const { exitCode, all } = await lastfin(['run', ...CASES.flatMap((id) => ['--case', id]), '--out', folder]);
  expect(exitCode, String(all)).toBe(0);
  const stored = path.join(folder, 'latest', 'journal');
  for (const name of await readdir(stored)) {
    const journal = await readJournal(path.join(stored, name));
    const [head] = journal;
    if (head?.type === 'case') journals.set(head.case.id, journal);
  }
}, 120_000);
afterAll(() => done());

function entries<T extends Entry['type']>(id: string, type: T): Of<T>[] {
  const all = journals.get(id) ?? [];
  return all.filter((entry): entry is Of<T> => entry.type === type);
}

const connections = (id: string, actor: 'client' | 'upstream', round = 1): Of<'connection'>[] =>
  entries(id, 'connection').filter((one) => one.actor === actor && one.round === round);

const at = (events: readonly ConnectionEvent[] | undefined, ...kinds: ConnectionEvent['event'][]): number =>
  events?.find(({ event }) => kinds.includes(event))?.t ?? Number.NaN;

const ascending = (times: readonly number[]): number[] => times.toSorted((a, b) => a - b);

test('every connection has its life in order, and is established before its first byte', () => {
  expect(journals.size).toBeGreaterThan(CASES.length);
  for (const [id, journal] of journals) {
    const times = journal.map(({ t }) => t);
    expect(times, id).toEqual(ascending(times));
    for (const { t, events = [], ...rest } of entries(id, 'connection')) {
      const what = `${id} ${rest.actor} ${rest.connection}`;
      expect(events[0]?.event, what).toBe('opened');
      const lived = events.map((event) => event.t);
      expect(lived, what).toEqual(ascending(lived));
      expect(lived.at(-1), what).toBeLessThanOrEqual(t);
      expect(at(events, 'established'), what).toBeGreaterThanOrEqual(at(events, 'opened'));
      if (rest.received > 0)
        expect(at(events, 'first-byte'), what).toBeGreaterThanOrEqual(at(events, 'established'));
    }
  }
});

test('a client that resets says when, and the upstream sees its end after that', () => {
  const id = 'faults/client-reset[phase=idle]';
  const sent = connections(id, 'client').map(({ events }) => at(events, 'rst-sent'));
  const seen = connections(id, 'upstream').map(({ events }) => at(events, 'fin', 'rst'));
  expect(sent).toHaveLength(20);
  expect(seen).toHaveLength(20);
  for (const [index, t] of ascending(seen).entries())
    expect(t).toBeGreaterThanOrEqual(ascending(sent)[index] ?? Number.NaN);
});

test('each completed step has its moment', () => {
  const id = 'faults/client-reset[phase=idle]';
  const [head] = entries(id, 'case');
  const all = head?.case.client.map((_, index) => index);
  expect(all).toHaveLength(5);
  for (const { events = [] } of connections(id, 'client'))
    expect(events.flatMap(({ step }) => step ?? [])).toEqual(all);
});

test('what a fault did lies between its begin and its end', () => {
  const [applied] = entries('faults/mass-disconnect[how=client-reset]', 'fault');
  expect(applied).toMatchObject({ action: 'applied', began: expect.any(Number) });
  const resets = connections('faults/mass-disconnect[how=client-reset]', 'client');
  expect(resets.length).toBeGreaterThan(10);
  for (const { events } of resets) {
    expect(at(events, 'rst-sent')).toBeGreaterThanOrEqual(applied?.began ?? Number.NaN);
    expect(at(events, 'rst-sent')).toBeLessThanOrEqual(applied?.t ?? Number.NaN);
  }
  const [down, up] = entries('faults/link-down[phase=live]', 'fault');
  expect([down?.action, up?.action]).toEqual(['applied', 'healed']);
  for (const { events } of connections('faults/link-down[phase=live]', 'client')) {
    expect(at(events, 'fin', 'rst')).toBeGreaterThanOrEqual(down?.began ?? Number.NaN);
    expect(at(events, 'fin', 'rst')).toBeLessThanOrEqual(up?.t ?? Number.NaN);
  }
});

test('over TLS the ends are seen as over TCP', () => {
  const tls = [...journals.keys()].filter((id) => id.startsWith('tls/terminate['));
  expect(tls.length).toBeGreaterThan(0);
  for (const id of tls) {
    const clients = connections(id, 'client');
    expect(clients.length).toBeGreaterThan(0);
    for (const { seen, did, events } of clients) {
      if (seen === 'end') expect(at(events, 'fin')).toBeGreaterThan(0);
      if (did === 'half-closed' || did === 'closed') expect(at(events, 'fin-sent')).toBeGreaterThan(0);
    }
  }
});

test('counts go from steady to settled, rise with the connections and come back', () => {
  const id = 'lifecycle/inactivity[count=50]';
  const counts = entries(id, 'counts');
  const phase = (name: string): number =>
    entries(id, 'phase').find((one) => one.phase === name)?.t ?? Number.NaN;
  expect(counts.length).toBeGreaterThan(2);
  expect(counts[0]?.t).toBeGreaterThanOrEqual(phase('steady'));
  expect(counts.at(-1)?.t).toBeLessThanOrEqual(phase('release'));
  const { descriptors: first = 0 } = counts[0] ?? {};
  // two sockets for each of 50 connections, which are silent for a second
  expect(Math.max(...counts.map(({ descriptors = 0 }) => descriptors))).toBe(first + 100);
  expect(counts.at(-1)).toMatchObject({
    descriptors: first,
    records: 0,
    active: expect.any(Object),
    heap: expect.any(Number),
  });
  expect(counts.every(({ rss = 0 }) => rss > 10_000)).toBe(true);
});

test('the target’s own lines are there, at their times', () => {
  const id = 'faults/client-reset[phase=idle]';
  const lines = entries(id, 'output');
  expect(lines[0]).toMatchObject({ stream: 'stdout', text: expect.stringContaining('listening') });
  const ends = entries(id, 'end-line');
  for (const { id: number, t } of ends) {
    const line = lines.find(({ text }) => text.includes(`"connection_end","id":"${number}"`));
    expect(Math.abs((line?.t ?? Number.NaN) - t)).toBeLessThan(5);
  }
});

test('the page of journals names every entry and every event', async () => {
  const page = await readFile('docs/journal.md', 'utf8');
  const all = [...journals.values()].flat();
  const events = all.flatMap((entry) => (entry.type === 'connection' ? (entry.events ?? []) : []));
  const names = new Set([...all.map(({ type }) => type), ...events.map(({ event }) => event)]);
  expect(names.size).toBeGreaterThan(15);
  for (const name of names) expect(page, name).toContain(`\`${name}\``);
});

test('without series: no times, no counts, no output, and the same verdict', async () => {
  const out = path.join(folder, 'without');
  const id = 'faults/client-reset[phase=idle]';
  const { exitCode } = await lastfin(['run', '--case', id, '--out', out, '--no-series']);
  expect(exitCode).toBe(0);
  const judged = async (root: string): Promise<unknown> => {
    const { results } = await latestReport(root);
    const { verdict, findings, terminations, seen } = results.find((one) => one.id === id) ?? {};
    return { verdict, findings, terminations, seen };
  };
  expect(await judged(out)).toMatchObject({ verdict: 'passed' });
  expect(await judged(out)).toEqual(await judged(folder));
  const stored = path.join(out, 'latest', 'journal');
  const [name = ''] = await readdir(stored);
  const journal = await readJournal(path.join(stored, name));
  expect(new Set(journal.map(({ type }) => type))).toContain('connection');
  for (const entry of journal) {
    expect(['counts', 'output']).not.toContain(entry.type);
    expect(entry).not.toHaveProperty('events');
  }
});
