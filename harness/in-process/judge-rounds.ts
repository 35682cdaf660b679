import { stepsOf } from '../../shared/series/steps-of.ts';
import type { NameGiven, Suspect } from '../probe/protocol.ts';
import type { Counts, Look } from './check.ts';

export function countsOf({ suspects }: Pick<Look, 'suspects'>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { fingerprint, count } of suspects)
    counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + count);
  return counts;
}

/** Counts of an earlier look under the names that a later one gives in place of numbers. */
export function underNames(counts: Counts, names: Record<string, NameGiven[]>): Counts {
  const named = new Map<string, number>();
  const add = (fingerprint: string, count: number): void => {
    named.set(fingerprint, (named.get(fingerprint) ?? 0) + count);
  };
  for (const [fingerprint, count] of counts) {
    const given = Object.hasOwn(names, fingerprint) ? names[fingerprint] : undefined;
    if (given === undefined) add(fingerprint, count);
    else for (const one of given) add(one.fingerprint, Math.round(count * one.share));
  }
  return named;
}

/**
 * Leaks among the suspects of the last look. One round: everything that is open. Two: everything that the second round left open. More: what
 * each later round added to, since what is made once, such as a pool, is a resident.
 *
 * @param earlier counts after each round of the same baseline but the last
 */
export function leaksIn(suspects: readonly Suspect[], earlier: readonly Counts[]): Suspect[] {
  const grows = suspects.filter(({ fingerprint, count, rule }) => {
    const counts = [...earlier.map((one) => one.get(fingerprint) ?? 0), count];
    const steps = stepsOf(counts);
    if (rule === 'presence') return (steps.at(-1) ?? count) > 0;
    return steps.length > 0 && (counts[0] ?? 0) > 0 && steps.every((step) => step > 0);
  });
  const leaking = new Set(grows.map(({ fingerprint }) => fingerprint));
  // counted with its holder, unless the holder is a resident
  return grows.filter(({ heldBy }) => heldBy === undefined || !leaking.has(heldBy));
}
