import type { Report } from '../../probe/protocol.ts';
import type { Evidence } from '../evidence.ts';

type Rounds = Pick<Evidence, 'enlarged' | 'confirmingRounds'> & { case: { connections: { count: number } } };

/**
 * Whether growth of the first rounds stopped in the larger ones: a cache that reached its bound, or a pool that reached the peak
 * concurrency. A leak of only some connections grows by chance, so growth counts as stopped if it is far below half of the expected
 * growth (two standard deviations of a Poisson count), judged by the first rounds or by the first larger one.
 */
export function isBounded(fingerprint: string, confirmed: number, evidence: Rounds): boolean {
  const last = evidence.enlarged.at(-1);
  if (last === undefined) return false;
  const previous = evidence.enlarged.at(-2);
  const before = previous === undefined ? confirmed : countIn(previous.report, fingerprint);
  const grown = countIn(last.report, fingerprint) - before;
  const rate = confirmed / ((1 + evidence.confirmingRounds) * evidence.case.connections.count);
  const [first] = evidence.enlarged;
  const atFirst = first && previous ? countIn(first.report, fingerprint) - confirmed : 0;
  const expected = Math.max(rate * last.connections, atFirst);
  return grown < Math.max(1, expected / 2 - 2 * Math.sqrt(expected));
}

function countIn({ suspects }: Report, fingerprint: string): number {
  return suspects.reduce((sum, one) => (one.fingerprint === fingerprint ? sum + one.count : sum), 0);
}
