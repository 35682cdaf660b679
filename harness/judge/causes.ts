import type { Leak } from './leaks.ts';

/** By the kernel's account alone, a connection that does not end explains as many descriptors, children and threads that serve it. */
const SEEN_FROM_OUTSIDE: readonly Leak['resource'][] = [
  'tcp',
  'descriptor',
  'zombie',
  'process',
  'thread',
  'memory',
];

/** One leak is one finding: what the ones before it explain is counted under the first of them. */
export function causes(found: readonly Leak[]): Leak[] {
  const kept: Leak[] = [];
  for (const one of found) {
    const rank = SEEN_FROM_OUTSIDE.indexOf(one.resource);
    const cause = kept.find((other) => {
      const earlier = SEEN_FROM_OUTSIDE.indexOf(other.resource);
      return rank > earlier && earlier >= 0 && (one.resource === 'memory' || one.count <= other.count);
    });
    if (cause === undefined) kept.push(one);
    else if (one.resource !== 'memory') cause.alsoRetains = (cause.alsoRetains ?? 0) + one.count;
  }
  return kept;
}
