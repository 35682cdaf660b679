/**
 * What there is more of than at the baseline, and not just in the place of something that has gone.
 */
import type { Baseline } from './baseline.ts';
import { LINELESS, type Live } from '../census/live.ts';
import { wereStacksLeftOut } from '../hooks/origins.ts';

type Counted = { key: string; fresh: Live[]; more: number };

/** Those of one origin together; the ones whose line is not known last. */
export function surplus(live: readonly Live[], baseline: Pick<Baseline, 'alive' | 'seen'>): Live[][] {
  const now = new Map<string, Live[]>([...baseline.alive.keys()].map((key) => [key, []]));
  for (const one of live) {
    const same = now.get(one.key);
    if (same) same.push(one);
    else now.set(one.key, [one]);
  }
  const counted = [...now].map(([key, all]): Counted => ({
    key,
    fresh: all.filter(({ object }) => !baseline.seen.has(object)),
    more: all.length - (baseline.alive.get(key) ?? 0),
  }));
  if (wereStacksLeftOut()) matchLineless(counted);
  return counted
    .toSorted((a, b) => Number(a.key === LINELESS) - Number(b.key === LINELESS))
    .flatMap(({ fresh, more }) => {
      const count = Math.min(more, fresh.length);
      return count > 0 ? [fresh.slice(-count)] : [];
    });
}

/** Outgoing sockets whose stack was not taken may have come in the place of others that had theirs taken, or the other way round. */
function matchLineless(counted: readonly Counted[]): void {
  const lineless = counted.find(({ key }) => key === LINELESS);
  if (!lineless) return;
  for (const one of counted) {
    if (one === lineless || !one.key.startsWith(LINELESS) || one.more * lineless.more >= 0) continue;
    const matched = Math.min(Math.abs(one.more), Math.abs(lineless.more));
    one.more -= Math.sign(one.more) * matched;
    lineless.more -= Math.sign(lineless.more) * matched;
  }
}
