/**
 * Finds live things beyond those of the baseline, except replacements of others that have gone.
 */
import type { Baseline } from './baseline.ts';
import { LINELESS, type Live } from '../census/live.ts';
import { wereStacksLeftOut } from '../hooks/origins.ts';
import { ownerOf } from '../hooks/owners.ts';

type Counted = { key: string; fresh: Live[]; more: number };

/** Surplus things grouped by origin; those without a known line come last. */
export function surplus(
  live: readonly Live[],
  baseline: Pick<Baseline, 'alive' | 'seen' | 'check'>,
): Live[][] {
  const now = new Map<string, Live[]>([...baseline.alive.keys()].map((key) => [key, []]));
  for (const one of live) {
    if (isOfAnother(one, baseline)) continue;
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

/** Whether another check of this process has started it. */
function isOfAnother({ object }: Live, { check, seen }: Pick<Baseline, 'seen' | 'check'>): boolean {
  if (check === undefined || seen.has(object)) return false;
  const owner = ownerOf(object);
  return owner !== undefined && owner !== check;
}

/** Matches outgoing sockets without a stack to ones with a stack, since either may have replaced the other. */
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
