import type { Verdict } from '../../judge/verdict.ts';

/** Verdicts from the one that needs looking at first to the one that does not. */
const WORST_FIRST: readonly Verdict[] = ['failed', 'error', 'flaky', 'passed', 'skipped'];

/** Cases in the order of the page: what needs looking at first, then by id. */
export function worstFirst<T extends { id: string; verdict: Verdict }>(results: readonly T[]): T[] {
  const rank = new Map(WORST_FIRST.map((verdict, index) => [verdict, index]));
  return results.toSorted(
    (a, b) => (rank.get(a.verdict) ?? 0) - (rank.get(b.verdict) ?? 0) || (a.id < b.id ? -1 : 1),
  );
}
