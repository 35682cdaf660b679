import { setTimeout as delay } from 'node:timers/promises';

import type { Report } from '../../probe/protocol.ts';
import type { CaseContext } from '../case-context.ts';
import { fitsCache, fitsPool, grows, hasSockets, isEmptied, mayExpire } from '../growth/growth.ts';
import { enlarged, tryManyRounds, tryRound, type RoundMade } from './larger-round.ts';
import { passAnHour } from '../growth/pass-an-hour.ts';
import { settle } from './settle.ts';

/** Connections over which growth is watched, about. */
const CONNECTIONS = 600;
/** Connections for growth that may be a cache filling up: a bound of more entries is not found. */
const CONNECTIONS_OF_CACHE = 1600;
/**
 * Connections for growth up to the peak concurrency, which may be a pool filling up: it is full only when all its users have met, which takes rounds
 * rather than connections.
 */
const CONNECTIONS_OF_POOL = 3000;
const ROUNDS_OF_POOL = 15;
/** Delay by which an interval of the target may fire late on a busy machine. ms */
const SWEEP_LATE = 500;

/** Number of the last round, and whether nothing grew any more. */
export type Enlarged = { round: number; isBounded: boolean };

/** Reports to compare with: of the judged round with names, and of the rounds that confirmed it; `last`: number of the round before. */
export type Before = { first: Report; confirmed: Report; last: number };

/**
 * Runs larger rounds after growth in each round so far: a cache with a bound fills up and stops, a leak goes on. Ends as soon as
 * nothing grows any more. Where a scenario cannot be enlarged, many rounds of its own size serve as well; where even they fail, the
 * growth seen before stands, unless an hour without connections empties the tables. Tables that grow to the end have one more round an hour later, by their clock: they may be emptied by time.
 */
export async function enlarge(context: CaseContext, { first, confirmed, last }: Before): Promise<Enlarged> {
  const { lab, recorder, signal } = context;
  const larger = { ...context, case: enlarged(context.case) };
  let before = confirmed;
  let fits = true;
  let round = last;
  const next = (): number => ++round;
  let most = CONNECTIONS;
  let hourPassed = false;
  for (let sum = 0; sum < most;) {
    let made: RoundMade | undefined = fits ? await tryRound(larger, { round: next() }) : undefined;
    fits = made !== undefined;
    made ??= await tryManyRounds(context, { next });
    if (made === undefined || made.connections === 0) {
      if (hourPassed || !mayExpire(before, before)) return { round, isBounded: false };
      return { round, isBounded: await isEmptiedInAnHour(context, { round, before }) };
    }
    const { lastStep, connections } = made;
    sum += connections;
    let settled = await settle(larger, { since: lastStep });
    most = hourPassed ? sum : mostFor(before, settled.report, connections);
    if (!hourPassed && sum >= most && grows(first, before, settled.report)) {
      const { sweepsWithin } = settled.report;
      hourPassed = mayExpire(before, settled.report) && (await passAnHour(context, { round }));
      if (hourPassed) most = sum + 1;
      else if (sweepsWithin !== undefined) {
        await delay(sweepsWithin + SWEEP_LATE, undefined, { signal });
        settled = await settle(larger, { since: lastStep });
      }
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

/** Lets an hour pass without connections, as a target that refuses more of them for now may need, and tells whether what has grown has gone by then. */
async function isEmptiedInAnHour(
  context: CaseContext,
  { round, before }: { round: number; before: Report },
): Promise<boolean> {
  if (!(await passAnHour(context, { round }))) return false;
  const { report } = await settle(context, { since: performance.now() });
  const { lab, recorder } = context;
  recorder.write({ type: 'enlarged', round, connections: 0, report: lab.positions.report(report) });
  return isEmptied(before, report);
}

/** Number of connections after which growth that goes on is a leak. */
function mostFor(before: Report, after: Report, connections: number): number {
  const least = fitsCache(before, after) ? CONNECTIONS_OF_CACHE : CONNECTIONS;
  if (!fitsPool(before, after, connections)) return least;
  return Math.max(least, Math.min(CONNECTIONS_OF_POOL, ROUNDS_OF_POOL * connections));
}
