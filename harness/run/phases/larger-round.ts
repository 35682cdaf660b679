import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Case } from '../../scenario/case.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import type { Recorder } from '../../journal/recorder.ts';
import { runRound } from './run-round.ts';

/** A larger round has so many times the connections of the case, but not more than {@link LARGEST}. */
const TIMES = 10;
const LARGEST = 200;
/** The judged round. */
const JUDGED = 1;

/** The same case with more connections, each kind of its clients in proportion. */
export function enlarged(plan: Case): Case {
  const { count } = plan.connections;
  const connections = Math.max(count, Math.min(count * TIMES, LARGEST));
  const larger = { ...plan, connections: { count: connections, concurrent: connections } };
  if (plan.clients === undefined) return larger;
  const clients = plan.clients.map((group) => {
    const most = Math.max(group.count, Math.floor((group.count * connections) / count));
    return { ...group, count: most, concurrent: most };
  });
  const sum = clients.reduce((all, group) => all + group.count, 0);
  return { ...larger, clients, connections: { count: sum, concurrent: sum } };
}

/** A round that was run: when its last step was, and how many connections the clients made. */
export type RoundMade = { lastStep: number; connections: number };

/**
 * Runs one more round, larger or not. Undefined where it fails: the scenario waits for a state that a limit of the target forbids, or there
 * is more to move than its deadline allows. Where the scripts failed in the judged round, they may fail here too.
 */
export async function tryRound(
  lab: CaseLab,
  recorder: Recorder,
  round: number,
  plan: Case,
  signal: AbortSignal,
): Promise<RoundMade | undefined> {
  recorder.phase('enlarge', round);
  try {
    const lastStep = await runRound(lab, recorder, round, plan, signal);
    if (hasFailures(lab, round) && !hasFailures(lab, JUDGED)) {
      letGo(lab, round);
      return undefined;
    }
    return { lastStep, connections: lab.client.ofRound(round).length };
  } catch (error) {
    if (!(error instanceof LastfinError) || error.code !== 'LASTFIN_LAB') throw error;
    letGo(lab, round);
    return undefined;
  }
}

/** Ends the connections of a round that was broken off: clients that wait for ever would hold a pool that the next round needs. */
function letGo({ client, upstream }: Pick<CaseLab, 'client' | 'upstream'>, round: number): void {
  for (const connection of [...client.ofRound(round), ...upstream.ofRound(round)]) connection.release();
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
): Promise<RoundMade | undefined> {
  const wanted = enlarged(plan).connections.count;
  let made: RoundMade | undefined;
  for (let sum = 0; sum < wanted; sum += plan.connections.count) {
    const one = await tryRound(lab, recorder, next(), plan, signal);
    if (one === undefined) return undefined;
    made = { ...one, connections: one.connections + (made?.connections ?? 0) };
  }
  return made;
}

/** Whether any script failed in this round. */
export function hasFailures(
  { client, upstream }: Pick<CaseLab, 'client' | 'upstream'>,
  round: number,
): boolean {
  return [...client.ofRound(round), ...upstream.ofRound(round)].some(({ failure }) => failure);
}
