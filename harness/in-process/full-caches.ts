import { realNow } from './real-clock.ts';
import type { ProcessLeak } from './process-leak.ts';
import type { Check, Counts } from './check.ts';
import { countsOf, underNames } from './judge-rounds.ts';

/** Most rounds that are run to fill a cache. */
const MOST = 100;

/** Growth as the judged rounds have seen it. */
type Growth = {
  leaks: ProcessLeak[];
  /** counts after each judged round, under the names of the last look */
  counts: readonly Counts[];
  names: Parameters<typeof underNames>[1];
  /** rounds that have run since the last counts */
  since: number;
};

/**
 * Runs the body again and again, and gives the leaks without caches that became full: they have grown by less than half of what the
 * judged rounds promised. A body that fails here leaves the leaks as they were.
 *
 * @param within ms in which a round may still begin
 */
export async function withoutFullCaches(
  check: Check,
  body: () => unknown,
  { leaks, counts, names, since }: Growth,
  { within, settle }: { within: number; settle: number },
): Promise<ProcessLeak[]> {
  const [first, last] = [counts[0], counts.at(-1)];
  if (first === undefined || last === undefined || counts.length < 2) return leaks;
  const start = realNow();
  let rounds = since;
  try {
    for (; rounds < MOST && realNow() - start < within; rounds++) await check.run(body);
  } catch {
    // such as a port that its own leak has used up: the leaks that are told explain it
    return leaks;
  }
  const after = underNames(countsOf(await check.settle(settle, last)), names);
  const of = (all: Counts, { fingerprint }: ProcessLeak): number => all.get(fingerprint) ?? 0;
  return leaks.filter((leak) => {
    const rate = (of(last, leak) - of(first, leak)) / (counts.length - 1);
    return of(after, leak) - of(last, leak) >= (rate * rounds) / 2;
  });
}
