import { collectorAllowance } from '../../probe/outside/collector-allowance.ts';
import type { Sample } from '../../probe/protocol.ts';
import type { Case } from '../../scenario/case.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { isLevel } from '../growth/is-level.ts';
import { enlarged, tryRound } from './larger-round.ts';
import { ObjectCounts } from '../growth/object-counts.ts';
import type { Recorder } from '../../journal/recorder.ts';
import { settle } from './settle.ts';

/** A trend needs as many. */
const LEAST_ROUNDS = 4;
/** Far more than the least growth takes at the pace that made us look. */
const MOST_ROUNDS = 200;
/** What a leak of a connection comes to at the least. KiB */
const LEAST_EACH = { kept: 1, rss: 4 };
/** Without garbage nothing but what V8 learns of the program comes on top. KiB */
const LEAST_KEPT = 4 * 1024;
/**
 * A collector that has no need to hurry lets garbage lie: clean Node programs were seen to climb by 100 MiB in 10,000 connections, though
 * with rests, before they stayed level. KiB
 */
const LEAST = 128 * 1024;
/** What a collector allows itself in proportion to what is alive: Go and Java double. */
const LEAST_SHARE = 2;
/**
 * Collectors with generations count objects, not bytes: garbage in circles, such as the buffers of a connection that CPython's asyncio has
 * lost by an error, lies about until more than a thousand others have come.
 */
const LEAST_CONNECTIONS = { kept: 0, rss: 2000 };
/** ms */
const LONGEST = 90_000;

/**
 * Larger rounds until memory has grown by more than any collector leaves lying about, or is level. The peers let go after each: they
 * would run out of descriptors before the target runs out of memory. What the target keeps for a while, such as the timer of a last goodbye,
 * is waited for, unless it has once stayed longer than the drain limit.
 *
 * @param last the round before
 */
export async function watchMemory(
  plan: Case,
  lab: CaseLab,
  recorder: Recorder,
  baseline: Sample,
  last: number,
  signal: AbortSignal,
): Promise<void> {
  const before = await lab.observer.memory();
  const kind = lab.observer.memoryKind;
  const least =
    kind === 'kept' ? LEAST_KEPT : Math.max(LEAST, LEAST_SHARE * before, collectorAllowance(lab.target.pid));
  const leastEach = LEAST_EACH[kind];
  const leastConnections = LEAST_CONNECTIONS[kind];
  const larger = enlarged(plan);
  const end = performance.now() + LONGEST;
  const series = [before];
  const counts = kind === 'kept' ? new ObjectCounts(lab.observer, plan.expect.drain) : undefined;
  let drains = true;
  for (let round = last + 1; round <= last + MOST_ROUNDS && performance.now() < end; round++) {
    const made = await tryRound(lab, recorder, round, larger, signal);
    if (made === undefined) return;
    const { connections } = made;
    lab.client.release();
    lab.upstream.release();
    if (drains) ({ drained: drains } = await settle(lab, baseline, performance.now(), larger, signal));
    const memory = await lab.observer.memory();
    const entry = {
      type: 'memory',
      round,
      connections,
      memory,
      before,
      least,
      leastEach,
      leastConnections,
      kind,
    } as const;
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
      memory - before >= least;
    if (objects !== undefined || hasGrown) return;
    if (counts?.isWanted !== true && isLevel(series, leastEach * connections)) return;
  }
}
