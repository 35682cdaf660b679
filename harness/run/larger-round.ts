import { LastfinError } from '../../errors/lastfin-error.ts';
import type { Case } from '../scenario/scenario.ts';
import type { CaseLab } from './case-lab.ts';
import type { Recorder } from './recorder.ts';
import { runRound } from './run-round.ts';

/** A larger round has so many times the connections of the case, but not more than {@link LARGEST}. */
const TIMES = 10;
const LARGEST = 200;

/** The same case with more connections. */
export function enlarged(plan: Case): Case {
  const { count } = plan.connections;
  const connections = Math.max(count, Math.min(count * TIMES, LARGEST));
  return { ...plan, connections: { count: connections, concurrent: connections } };
}

/**
 * Runs one more round, larger or not, and gives back the time of its last step. Undefined where it fails: the scenario waits for a state
 * that a limit of the target forbids, or there is more to move than its deadline allows.
 */
export async function tryRound(
  lab: CaseLab,
  recorder: Recorder,
  round: number,
  plan: Case,
  signal: AbortSignal,
): Promise<number | undefined> {
  recorder.phase('enlarge', round);
  try {
    const lastStep = await runRound(lab, recorder, round, plan, signal);
    const all = [...lab.client.ofRound(round), ...lab.upstream.ofRound(round)];
    return all.some(({ failure }) => failure) ? undefined : lastStep;
  } catch (error) {
    if (error instanceof LastfinError && error.code === 'LASTFIN_LAB') return undefined;
    throw error;
  }
}

/**
 * As many connections as in a larger round, in rounds of the case's own size one after the other; undefined where even they fail.
 *
 * @param next numbers the rounds
 */
export async function tryManyRounds(
  lab: CaseLab,
  recorder: Recorder,
  next: () => number,
  plan: Case,
  signal: AbortSignal,
): Promise<number | undefined> {
  const wanted = enlarged(plan).connections.count;
  let lastStep: number | undefined;
  for (let sum = 0; sum < wanted; sum += plan.connections.count) {
    lastStep = await tryRound(lab, recorder, next(), plan, signal);
    if (lastStep === undefined) return undefined;
  }
  return lastStep;
}
