import { setTimeout as delay } from 'node:timers/promises';

import type { Report, Sample } from '../../probe/protocol.ts';
import type { Case } from '../../scenario/case.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { fitsCache, fitsPool, grows, hasSockets } from '../growth/growth.ts';
import { enlarged, tryManyRounds, tryRound, type RoundMade } from './larger-round.ts';
import type { Recorder } from '../../journal/recorder.ts';
import { settle } from './settle.ts';

/** Growth is looked at for about this many more connections. */
const CONNECTIONS = 600;
/** A cache with a bound gets more: a bound of more entries is not found. */
const CONNECTIONS_OF_CACHE = 1600;
/** Connections that a table gets which holds no more than were open at once: a pool has its most only when all its users have met. */
const CONNECTIONS_OF_POOL = 3000;
/** An interval of the target comes late on a busy machine. ms */
const SWEEP_LATE = 500;

/** The last round, and whether nothing grew any more. */
export type Enlarged = { round: number; isBounded: boolean };

/**
 * Larger rounds for what grew in each round so far: a cache with a bound fills up and stops, a leak goes on. Ends as soon as
 * nothing grows any more. Where a scenario cannot be enlarged, many rounds of its own size serve as well; where even they fail, what was
 * seen before stands.
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
): Promise<Enlarged> {
  const larger = enlarged(plan);
  let before = confirmed;
  let fits = true;
  let round = last;
  const next = (): number => ++round;
  let most = CONNECTIONS;
  for (let sum = 0; sum < most;) {
    let made: RoundMade | undefined = fits
      ? await tryRound(lab, recorder, next(), larger, signal)
      : undefined;
    fits = made !== undefined;
    made ??= await tryManyRounds(lab, recorder, next, plan, signal);
    if (made === undefined || made.connections === 0) return { round, isBounded: false };
    const { lastStep, connections } = made;
    sum += connections;
    let settled = await settle(lab, baseline, lastStep, larger, signal);
    most = mostFor(before, settled.report, connections);
    const { sweepsWithin } = settled.report;
    if (sum >= most && sweepsWithin !== undefined && grows(first, before, settled.report)) {
      await delay(sweepsWithin + SWEEP_LATE, undefined, { signal });
      settled = await settle(lab, baseline, lastStep, larger, signal);
    }
    recorder.write({
      type: 'enlarged',
      round,
      connections,
      report: lab.positions.report(settled.report),
    });
    if (!grows(first, before, settled.report)) return { round, isBounded: true };
    if (hasSockets(settled.report)) return { round, isBounded: false };
    before = settled.report;
  }
  return { round, isBounded: false };
}

/** Connections that tell whether what has grown goes on growing. */
function mostFor(before: Report, after: Report, connections: number): number {
  if (fitsPool(before, after, connections)) return CONNECTIONS_OF_POOL;
  return fitsCache(before, after) ? CONNECTIONS_OF_CACHE : CONNECTIONS;
}
