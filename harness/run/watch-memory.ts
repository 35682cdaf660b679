import type { Sample } from '../probe/protocol.ts';
import type { Case } from '../scenario/scenario.ts';
import type { CaseLab } from './case-lab.ts';
import { enlarged, tryRound } from './larger-round.ts';
import type { Recorder } from './recorder.ts';

/** So many larger rounds without a new maximum, and the memory is level. */
const LEVEL = 3;
/** A trend needs as many. */
const LEAST_ROUNDS = 4;
/** Far more than the least growth takes at the pace that made us look. */
const MOST_ROUNDS = 100;
/**
 * A collector that has no need to hurry lets garbage lie: clean Node programs were seen to climb by 47 MiB in 6,000 connections,
 * nearly without a step back, before they stayed level. KiB
 */
const LEAST = 96 * 1024;
/** What a collector allows itself in proportion to what is alive: Go and Java double. */
const LEAST_SHARE = 2;
/** ms */
const LONGEST = 60_000;

/**
 * Larger rounds until memory has grown by more than any collector leaves lying about, or is level. The peers let go after each: they
 * would run out of descriptors before the target runs out of memory.
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
  const before = baseline.os?.memory ?? 0;
  const least = Math.max(LEAST, LEAST_SHARE * before);
  const larger = enlarged(plan);
  const connections = larger.connections.count;
  const end = performance.now() + LONGEST;
  let highest = 0;
  let level = 0;
  for (let round = last + 1; round <= last + MOST_ROUNDS && performance.now() < end; round++) {
    const lastStep = await tryRound(lab, recorder, round, larger, signal);
    if (lastStep === undefined) return;
    lab.client.release();
    lab.upstream.release();
    const memory = (await lab.observer.sample()).os?.memory ?? 0;
    recorder.write({ type: 'memory', round, connections, memory, least });
    level = memory > highest ? 0 : level + 1;
    highest = Math.max(highest, memory);
    if (level >= LEVEL || (round - last >= LEAST_ROUNDS && memory - before >= least)) return;
  }
}
