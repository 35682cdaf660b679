import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Report, Sample } from '../../probe/protocol.ts';
import type { Case } from '../../scenario/case.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { enlarge } from './enlarge.ts';
import { grows, hasSockets } from '../growth/growth.ts';
import { noteConnections, noteSettled, noteUnknown } from './write-observations.ts';
import { hasFailures } from './larger-round.ts';
import type { Recorder } from '../../journal/recorder.ts';
import { linesWithNames, withNames } from '../growth/resolve-names.ts';
import { runRound } from './run-round.ts';
import { settle } from './settle.ts';
import { watchMemory } from './watch-memory.ts';

/** What grew in round 1 is confirmed by these. */
const ROUNDS = [2, 3];
const LAST = 3;

/**
 * More rounds like the judged one, with hooks on what grew: what grows with the number of connections is a leak, what
 * does not is a resident. True when something grew further.
 */
export async function confirm(
  plan: Case,
  lab: CaseLab,
  recorder: Recorder,
  baseline: Sample,
  nameless: Report,
  signal: AbortSignal,
): Promise<boolean> {
  recorder.phase('confirm', 2);
  await lab.observer.arm();
  const lastStep = await runRounds(plan, lab, recorder, signal);
  if (lastStep === undefined) {
    await lab.observer.explain();
    noteUnknown(recorder, nameless, 'the scripts failed');
    return false;
  }
  // before the heap is walked: the hook on a plain object hides it from that
  const lines = await lab.observer.explain();
  let confirmed = await settle(lab, baseline, lastStep, plan, signal);
  const named = withNames(nameless, confirmed);
  if (grows(named, named, confirmed.report)) {
    // tables may be swept by the clock
    const wait = lastStep + plan.expect.drain - performance.now();
    await delay(Math.max(0, wait), undefined, { signal });
    const { names } = confirmed;
    confirmed = await settle(lab, baseline, lastStep, plan, signal);
    confirmed.names = { ...names, ...confirmed.names };
  }
  noteSettled(lab, recorder, 'confirmed', LAST, confirmed);
  const first = withNames(nameless, confirmed);
  // once more, now that what it found has names
  if (first !== nameless)
    recorder.write({ type: 'report', at: 'settled', round: 1, report: lab.positions.report(first) });
  recorder.write({
    type: 'explained',
    lines: lab.positions.byFingerprint(linesWithNames(lines, confirmed.names)),
  });
  noteConnections(lab, recorder, ROUNDS);
  const memory = first.suspects.some(({ rule }) => rule === 'slope');
  const hasGrown = grows(first, first, confirmed.report);
  if (hasSockets(confirmed.report)) return hasGrown || memory;
  let last = LAST;
  if (hasGrown) {
    const enlarged = await enlarge(plan, lab, recorder, baseline, first, confirmed.report, LAST, signal);
    // memory is the consequence of whatever else grows; beside a cache that is full it has its own say
    if (!enlarged.isBounded) return true;
    last = enlarged.round;
  }
  if (memory) {
    await lab.observer.arm({ allocations: true });
    await watchMemory(plan, lab, recorder, baseline, last, signal);
    recorder.write({ type: 'explained', lines: lab.positions.byFingerprint(await lab.observer.explain()) });
  }
  return hasGrown || memory;
}

/** The time of the last step. Undefined where the scripts failed in the judged round, and a fault cannot be applied in another. */
async function runRounds(
  plan: Case,
  lab: CaseLab,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<number | undefined> {
  let lastStep = performance.now();
  try {
    for (const round of ROUNDS) lastStep = await runRound(lab, recorder, round, plan, signal);
    return lastStep;
  } catch (error) {
    const isLab = error instanceof LastfinError && error.code === 'LASTFIN_LAB';
    if (isLab && hasFailures(lab, 1)) return undefined;
    throw error;
  }
}
