import type { Entry } from '../../../journal/entry.ts';

/** Counts against time. `baseline`: their value before the traffic. */
export type Chart = {
  name: string;
  unit: '' | 'MiB';
  points: [t: number, value: number][];
  baseline?: number;
};

type Reading = { name: string; unit: Chart['unit']; of: (entry: Entry) => number | undefined };

const MIB = 1024 * 1024;

/** Light samples, and the full ones at the looks of the judge, which older journals have, too. */
const READINGS: readonly Reading[] = [
  {
    name: 'descriptors',
    unit: '',
    of: (entry) =>
      entry.type === 'counts'
        ? entry.descriptors
        : entry.type === 'sample'
          ? sum(entry.sample.fds)
          : undefined,
  },
  {
    name: 'active resources',
    unit: '',
    of: (entry) =>
      entry.type === 'counts'
        ? entry.active === undefined
          ? undefined
          : sum(entry.active)
        : entry.type === 'sample'
          ? sum(entry.sample.resources)
          : undefined,
  },
  {
    name: 'records',
    unit: '',
    of: (entry) =>
      entry.type === 'counts'
        ? entry.records
        : entry.type === 'sample'
          ? entry.sample.gauges['records']
          : undefined,
  },
  {
    name: 'heap used',
    unit: 'MiB',
    of: (entry) =>
      entry.type === 'sample' && entry.sample.heapUsed > 0 ? entry.sample.heapUsed / MIB : undefined,
  },
  {
    name: 'resident memory',
    unit: 'MiB',
    of: (entry) => (entry.type === 'counts' && entry.rss !== undefined ? entry.rss / 1024 : undefined),
  },
];

/** Charts of a journal: those of which there are at least two readings. */
export function chartsOf(entries: readonly Entry[]): Chart[] {
  const base = entries.find((entry) => entry.type === 'sample' && entry.at === 'baseline');
  return READINGS.flatMap(({ name, unit, of }) => {
    const own = name === 'descriptors' ? ownDescriptors(entries) : 0;
    const read = own === 0 ? entries : entries.filter(({ type }) => type === 'counts');
    const points = read
      .flatMap((entry): [number, number][] => {
        const value = of(entry);
        return value === undefined ? [] : [[entry.t, value]];
      })
      .toSorted(([a], [b]) => a - b);
    if (points.length < 2 || points.every(([, value]) => value === 0)) return [];
    const known = base === undefined ? undefined : of(base);
    const baseline = known === undefined ? points[0]?.[1] : known + own;
    return [{ name, unit, points, ...(baseline === undefined ? {} : { baseline }) }];
  });
}

/** Most descriptors that the probe itself has open. */
const MOST_OWN = 3;

/**
 * Descriptors of the probe: looks from outside count them, the samples leave them out. Told by the look and the sample at the end of settling, which
 * are of one moment; 0 where it cannot be told.
 */
function ownDescriptors(entries: readonly Entry[]): number {
  const sample = entries.find((entry) => entry.type === 'sample' && entry.at === 'settled');
  const look = entries.findLast((entry) => entry.type === 'counts' && entry.descriptors !== undefined);
  if (sample?.type !== 'sample' || look?.type !== 'counts') return 0;
  const more = (look.descriptors ?? 0) - sum(sample.sample.fds);
  return more > 0 && more <= MOST_OWN ? more : 0;
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
