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
  // an hour without connections: a target that forgets has forgotten most by then
  if (last.connections === 0) return countIn(last.report, fingerprint) < before / 2;
  const grown = countIn(last.report, fingerprint) - before;
  const rate = confirmed / ((1 + evidence.confirmingRounds) * evidence.case.connections.count);
  const [first] = evidence.enlarged;
  const atFirst = first && previous ? countIn(first.report, fingerprint) - confirmed : 0;
  const expected = Math.max(rate * last.connections, atFirst);
  return grown < Math.max(1, expected / 2 - 2 * Math.sqrt(expected));
}

/** Most entries a round of a table by time: a round of a second or two touches as many seconds. */
const BY_TIME = 3;

/**
 * Whether a collection grows with the rounds and not with their connections, as a table by the second does: larger rounds, which last
 * about as long, add no more than small ones. The likelier of the two, by Poisson's law.
 */
export function growsByTime(fingerprint: string, confirmed: number, evidence: Rounds): boolean {
  const { enlarged, confirmingRounds } = evidence;
  const last = enlarged.at(-1);
  if (last === undefined) return false;
  const rounds = 1 + confirmingRounds;
  if (confirmed > BY_TIME * rounds) return false;
  const larger = enlarged.reduce((sum, { connections }) => sum + connections, 0);
  if (larger === 0) return false;
  const few = rounds * evidence.case.connections.count;
  const grown = countIn(last.report, fingerprint) - confirmed;
  const likelihood = (small: number, large: number): number =>
    confirmed * Math.log(small / (small + large)) + grown * Math.log(large / (small + large));
  return likelihood(rounds, last.round - rounds) > likelihood(few, larger);
}

function countIn({ suspects }: Report, fingerprint: string): number {
  return suspects.reduce((sum, one) => (one.fingerprint === fingerprint ? sum + one.count : sum), 0);
}
