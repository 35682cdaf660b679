import type { Report } from '../probe/protocol.ts';
import type { Evidence } from './evidence.ts';

/**
 * Whether what grew in the first rounds stopped growing in the larger ones: a cache that has reached its bound. A leak of only some
 * connections grows by chance, so growth counts as stopped when it is far below half of what was to be expected (two standard
 * deviations of a Poisson count).
 */
export function isBounded(fingerprint: string, confirmed: number, evidence: Evidence): boolean {
  const last = evidence.enlarged.at(-1);
  if (last === undefined) return false;
  const previous = evidence.enlarged.at(-2);
  const before = previous === undefined ? confirmed : countIn(previous.report, fingerprint);
  const grown = countIn(last.report, fingerprint) - before;
  const rate = confirmed / ((1 + evidence.confirmingRounds) * evidence.case.connections.count);
  const expected = rate * last.connections;
  return grown < Math.max(1, expected / 2 - 2 * Math.sqrt(expected));
}

function countIn({ suspects }: Report, fingerprint: string): number {
  return suspects.reduce((sum, one) => (one.fingerprint === fingerprint ? sum + one.count : sum), 0);
}
