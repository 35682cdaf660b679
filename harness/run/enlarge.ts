import { LastfinError } from '../../errors/lastfin-error.ts';
import type { Report, Sample } from '../probe/protocol.ts';
import type { Case } from '../scenario/scenario.ts';
import type { CaseLab } from './case-lab.ts';
import { grows, hasSockets } from './growth.ts';
import type { Recorder } from './recorder.ts';
import { runRound } from './run-round.ts';
import { settle } from './settle.ts';

/** A larger round has so many times the connections of the case, but not more than {@link LARGEST}. */
const TIMES = 10;
const LARGEST = 200;
/** Bounds up to about this many entries are found. */
const CONNECTIONS = 600;

/**
 * Larger rounds for what grew in each round so far: a cache with a bound fills up and stops, a leak goes on. Ends as soon as
 * nothing grows any more. A scenario that cannot be enlarged (it waits for a state that a limit of the target forbids) says nothing
 * of a bound: then what was seen before stands.
 *
 * @param last the round before
 */
export async function enlarge(
  plan: Case,
  lab: CaseLab,
  recorder: Recorder,
  baseline: Sample,
  first: Report,
  confirmed: Report,
  last: number,
  signal: AbortSignal,
): Promise<void> {
  const { count } = plan.connections;
  const connections = Math.max(count, Math.min(count * TIMES, LARGEST));
  const larger = { ...plan, connections: { count: connections, concurrent: connections } };
  let before = confirmed;
  for (let round = last + 1, sum = 0; sum < CONNECTIONS; round++, sum += connections) {
    recorder.phase('enlarge', round);
    let lastStep: number;
    try {
      lastStep = await runRound(lab, recorder, round, larger, signal);
    } catch (error) {
      if (error instanceof LastfinError && error.code === 'LASTFIN_LAB') return;
      throw error;
    }
    if ([...lab.client.ofRound(round), ...lab.upstream.ofRound(round)].some(({ failure }) => failure)) return;
    const settled = await settle(lab, baseline, lastStep, larger, signal);
    recorder.write({
      type: 'enlarged',
      round,
      connections,
      report: lab.positions.report(settled.report),
    });
    if (!grows(first, before, settled.report) || hasSockets(settled.report)) return;
    before = settled.report;
  }
}
