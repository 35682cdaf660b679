import type { Report, Sample } from '../probe/protocol.ts';
import type { Case } from '../scenario/scenario.ts';
import type { CaseLab } from './case-lab.ts';
import { fitsPool, grows, hasSockets } from './growth.ts';
import { enlarged, tryManyRounds, tryRound, type RoundMade } from './larger-round.ts';
import type { Recorder } from './recorder.ts';
import { settle } from './settle.ts';

/** Bounds up to about this many entries are found. */
const CONNECTIONS = 600;
/** What is no more than were open at once is given so many: a pool has its most only when all its users have met. */
const CONNECTIONS_OF_POOL = 3000;

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
): Promise<void> {
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
    if (made === undefined || made.connections === 0) return;
    const { lastStep, connections } = made;
    sum += connections;
    const settled = await settle(lab, baseline, lastStep, larger, signal);
    recorder.write({
      type: 'enlarged',
      round,
      connections,
      report: lab.positions.report(settled.report),
    });
    if (!grows(first, before, settled.report) || hasSockets(settled.report)) return;
    most = fitsPool(before, settled.report, connections) ? CONNECTIONS_OF_POOL : CONNECTIONS;
    before = settled.report;
  }
}
