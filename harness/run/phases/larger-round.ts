import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Case } from '../../scenario/case.ts';
import type { CaseContext, ContextBeforeBaseline } from '../case-context.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { runRound } from './run-round.ts';
import { settle } from './settle.ts';

/** Connections of a larger round: this multiple of the case's, up to {@link LARGEST}. */
const TIMES = 10;
const LARGEST = 200;
/** Number of the judged round. */
const JUDGED = 1;

/**
 * The same case with more connections, each kind of its clients in proportion, and all at once, which fills a pool to its bound. Clients that come one after another go on
 * doing so: at once they would share connections behind the target, and what stays of each of those would seem bounded.
 */
export function enlarged(original: Case): Case {
  const { count, concurrent } = original.connections;
  const connections = Math.max(count, Math.min(count * TIMES, LARGEST));
  const atOnce = together({ count, concurrent }, connections);
  const larger = { ...original, connections: { count: connections, concurrent: atOnce } };
  if (original.clients === undefined) return larger;
  const clients = original.clients.map((group) => {
    const most = Math.max(group.count, Math.floor((group.count * connections) / count));
    return { ...group, count: most, concurrent: together(group, most) };
  });
  const sum = clients.reduce((all, group) => all + group.count, 0);
  return { ...larger, clients, connections: { count: sum, concurrent: sum } };
}

/** Clients of a larger round that come at once: one where several came one after another before. */
function together({ count, concurrent }: Case['connections'], most: number): number {
  return count > 1 && concurrent === 1 ? 1 : most;
}

/** A round that was run: when its last step was, and how many connections the clients made. */
export type RoundMade = { lastStep: number; connections: number };

/**
 * Runs one more round of the context's case, which may be a larger one. Undefined where it fails: the scenario waits for a state that a limit of the target forbids, or there
 * is more to move than its deadline allows. Where the scripts failed in the judged round, they may fail here too.
 */
export async function tryRound(
  context: ContextBeforeBaseline,
  { round }: { round: number },
): Promise<RoundMade | undefined> {
  const { lab, recorder } = context;
  recorder.phase('enlarge', round);
  try {
    const lastStep = await runRound(context, { ...context.case, number: round });
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
 * Makes as many connections as a larger round, in rounds of the case's own size one after the other; undefined where even they fail.
 * A round is tried again once the target has settled: it may still have held what earlier rounds left, and refused others for it.
 *
 * @param next numbers the rounds
 */
export async function tryManyRounds(
  context: CaseContext,
  { next }: { next: () => number },
): Promise<RoundMade | undefined> {
  const { count } = context.case.connections;
  const wanted = enlarged(context.case).connections.count;
  let made: RoundMade | undefined;
  for (let sum = 0; sum < wanted; sum += count) {
    let one = await tryRound(context, { round: next() });
    if (one === undefined) {
      await settle(context, { since: performance.now() });
      one = await tryRound(context, { round: next() });
    }
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
