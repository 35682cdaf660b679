import type { Observation } from '../../journal/entry.ts';
import { isSpread } from '../../../shared/series/is-spread.ts';
import { collectorAllowance } from '../../probe/outside/collector-allowance.ts';
import type { CaseContext } from '../case-context.ts';
import { isLevel } from '../growth/is-level.ts';
import { enlarged, tryRound } from './larger-round.ts';
import { ObjectCounts } from '../growth/object-counts.ts';
import { passAnHour } from '../growth/pass-an-hour.ts';
import { settle, untilBack } from './settle.ts';

/** Fewest rounds that make a trend. */
const LEAST_ROUNDS = 4;
/** Most rounds: far more than the least growth takes at the pace that raised the suspicion. */
const MOST_ROUNDS = 200;
/** Smallest growth per connection that counts as a leak. KiB */
const LEAST_EACH = { kept: 1, rss: 4 };
/** Smallest growth that counts where garbage is collected before each look: V8's own feedback about the program stays below it. KiB */
const LEAST_KEPT = 4 * 1024;
/**
 * Smallest growth of resident memory that counts. Collectors without need to hurry let garbage lie: clean Node programs were seen to
 * climb by 100 MiB in 10,000 connections, though with rests, before they stayed level. KiB
 */
const LEAST = 128 * 1024;
/** Smallest growth as a multiple of the memory at the start: the collectors of Go and Java double their heap before they collect. */
const LEAST_SHARE = 2;
/**
 * Fewest connections before growth counts. Collectors with generations count objects, not bytes: garbage in circles, such as the buffers of a connection that CPython's asyncio has
 * lost by an error, lies about until more than a thousand others have come.
 */
const LEAST_CONNECTIONS = { kept: 0, rss: 2000 };
const UNSEEN = 'whether memory goes on growing: the scripts failed in a larger round, so no more were run';
/** Longest that memory is watched. ms */
const LONGEST = 90_000;

/**
 * Runs larger rounds until memory has grown by more than any collector leaves lying about, or is level. The peers let go after each:
 * they would run out of descriptors before the target runs out of memory. Things that the target keeps for a while, such as the timer
 * of a last goodbye, are waited for, unless they have once stayed longer than the drain limit. A round that fails ends the watch, which is noted.
 *
 * @param options `last`: number of the round before
 */
export async function watchMemory(context: CaseContext, { last }: { last: number }): Promise<void> {
  const { lab, recorder, signal } = context;
  const { drain } = context.case.expect;
  const limits = await growthLimits(context);
  const { before, least, leastEach, leastConnections, kind } = limits;
  const larger = { ...context, case: enlarged(context.case) };
  const end = performance.now() + LONGEST;
  const series = [before];
  let round = last;
  let hourTried = false;
  const passHour = (): Promise<boolean> => passAnHour(context, { round });
  const counts = kind === 'kept' ? new ObjectCounts(lab.observer, drain, passHour) : undefined;
  let drains = true;
  // on a busy machine the last count may be late
  const hasTime = (): boolean => performance.now() < end || counts?.isGrowing === true;
  while (round < last + MOST_ROUNDS && hasTime()) {
    round++;
    const made = await tryRound(larger, { round });
    if (made === undefined) {
      recorder.write({ type: 'blind', what: UNSEEN });
      return;
    }
    const { connections } = made;
    lab.client.release();
    lab.upstream.release();
    if (drains) ({ drained: drains } = await settle(larger, { since: performance.now() }));
    const memory = await memoryAfter(larger, limits);
    const entry = { type: 'memory', round, connections, memory, ...limits } as const;
    const objects = await counts?.after(round - last, connections, signal);
    recorder.write(
      objects === undefined
        ? entry
        : { ...entry, objects: lab.positions.report({ suspects: objects, took: 0 }).suspects },
    );
    series.push(memory);
    const hasGrown =
      round - last >= LEAST_ROUNDS &&
      (round - last) * connections >= leastConnections &&
      memory - before >= least &&
      isSpread(series);
    if (objects !== undefined) return;
    // memory that is kept for minutes, and no longer, is seen to go
    if (hasGrown && (hourTried || !(await passHour()))) return;
    hourTried ||= hasGrown;
    if (counts?.isWanted !== true && isLevel(series, leastEach * connections)) return;
  }
}

/**
 * Memory after a round. Growth that would tell is looked at again once everything is back: on a busy machine the connections of the round
 * may not be over yet, and they are no leak.
 */
async function memoryAfter(context: CaseContext, { before, least }: GrowthLimits): Promise<number> {
  const { observer } = context.lab;
  const memory = await observer.memory();
  if (memory - before < least) return memory;
  await untilBack(context);
  return Math.min(memory, await observer.memory());
}

type GrowthLimits = Required<
  Pick<
    Extract<Observation, { type: 'memory' }>,
    'before' | 'least' | 'leastEach' | 'leastConnections' | 'kind'
  >
>;

/** Memory at the start, and the growth from there that no collector explains. */
async function growthLimits({ lab }: Pick<CaseContext, 'lab'>): Promise<GrowthLimits> {
  const before = await lab.observer.memory();
  const kind = lab.observer.memoryKind;
  const least =
    kind === 'kept' ? LEAST_KEPT : Math.max(LEAST, LEAST_SHARE * before, collectorAllowance(lab.target.pid));
  return { before, least, leastEach: LEAST_EACH[kind], leastConnections: LEAST_CONNECTIONS[kind], kind };
}
