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
 * Runs a larger round and gives back the time of its last step. Undefined where the scenario cannot be enlarged: it waits for a state
 * that a limit of the target forbids.
 */
export async function runLargerRound(
  lab: CaseLab,
  recorder: Recorder,
  round: number,
  larger: Case,
  signal: AbortSignal,
): Promise<number | undefined> {
  recorder.phase('enlarge', round);
  try {
    const lastStep = await runRound(lab, recorder, round, larger, signal);
    const all = [...lab.client.ofRound(round), ...lab.upstream.ofRound(round)];
    return all.some(({ failure }) => failure) ? undefined : lastStep;
  } catch (error) {
    if (error instanceof LastfinError && error.code === 'LASTFIN_LAB') return undefined;
    throw error;
  }
}
