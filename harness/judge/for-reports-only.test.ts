import { expect, test } from 'vitest';

import type { Entry } from '../journal/entry.ts';
import { judge } from './judge.ts';
import { aConnection, aJournal, aSuspect, type JournalParts } from './testing/hand-built-journal.ts';

/** The journal with everything that only reports read, between all its entries and after the last one. */
function withSeries(journal: readonly Entry[]): Entry[] {
  return journal.flatMap((entry): Entry[] => {
    const t = entry.t + 0.5;
    return [
      entry.type === 'connection' ? { ...entry, events: [{ t: entry.t, event: 'rst' }] } : entry,
      { t, type: 'counts', descriptors: 1e6, records: 1e6, active: { Timeout: 1e6 }, rss: 1e9, heap: 1e9 },
      { t, type: 'output', stream: 'stderr', text: 'Error: everything leaks', cut: true, dropped: 7 },
      // of a later lastfin
      { t, type: 'mood', finding: 'leak' } as unknown as Entry,
    ];
  });
}

test.each<[string, JournalParts]>([
  ['a clean one', {}],
  ['a leak', { reports: { settled: [aSuspect()], released: [aSuspect()] } }],
  ['one that ends early', { exit: null }],
  ['a crash', { exit: { asked: false, within: false, code: 1, stderr: 'Error: no' } }],
  ['a late drain', { drain: { drained: false, took: 2000 } }],
  ['a confirmed leak', { reports: { settled: [], confirmed: [aSuspect({ rule: 'growth' })] } }],
  ['wrong bytes', { connections: [aConnection({ received: 9 }), aConnection({ actor: 'upstream' })] }],
  ['a skip', { extra: [{ type: 'skipped', reason: 'no' }] }],
])('%s: the verdict is the same with and without what only reports read', (_, parts) => {
  const journal = aJournal(parts);
  const result = judge(withSeries(journal));
  expect(result).toEqual(judge(journal));
  expect(result.took).toBe(journal.at(-1)?.t);
});
