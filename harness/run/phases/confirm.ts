import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Position, Report } from '../../probe/protocol.ts';
import type { CaseContext } from '../case-context.ts';
import { enlarge } from './enlarge.ts';
import { grows, hasSockets } from '../growth/growth.ts';
import { noteConnections, noteSettled, noteUnknown } from './write-observations.ts';
import { hasFailures } from './larger-round.ts';
import { linesWithNames, withNames } from '../growth/resolve-names.ts';
import { runRound } from './run-round.ts';
import { settle, type Settled } from './settle.ts';
import { watchMemory } from './watch-memory.ts';

/** Rounds that confirm the growth of round 1. */
const ROUNDS = [2, 3];
const LAST = 3;

/**
 * Runs more rounds like the judged one, with hooks on the growing resources: growth with the number of connections is a leak,
 * anything else is a resident. True when something grew further.
 *
 * @param options `nameless`: the report of the judged round, in which growth may have only a number
 */
export async function confirm(context: CaseContext, { nameless }: { nameless: Report }): Promise<boolean> {
  const { lab, recorder } = context;
  recorder.phase('confirm', 2);
  await lab.observer.arm();
  const lastStep = await runRounds(context);
  if (lastStep === undefined) {
    await lab.observer.explain();
    noteUnknown(context, { report: nameless, why: 'the scripts failed' });
    return false;
  }
  // before the heap is walked: the hook on a plain object hides it from that
  const lines = await lab.observer.explain();
  const confirmed = await settleFor(context, { lastStep, nameless });
  noteSettled(context, { at: 'confirmed', round: LAST, settled: confirmed });
  const first = withNames(nameless, confirmed);
  noteNames(context, { nameless, first, lines, confirmed });
  noteConnections(context, ROUNDS);
  const memory = first.suspects.some(({ rule }) => rule === 'slope');
  const hasGrown = grows(first, first, confirmed.report);
  if (hasSockets(confirmed.report)) return hasGrown || memory;
  let last = LAST;
  if (hasGrown) {
    const enlarged = await enlarge(context, { first, confirmed: confirmed.report, last: LAST });
    // memory is the consequence of whatever else grows; beside a cache that is full it has its own say
    if (!enlarged.isBounded) return true;
    last = enlarged.round;
  }
  if (memory) {
    await lab.observer.arm({ allocations: true });
    await watchMemory(context, { last });
    recorder.write({ type: 'explained', lines: lab.positions.byFingerprint(await lab.observer.explain()) });
  }
  return hasGrown || memory;
}

/** Time of the last step. Undefined where the scripts failed in the judged round, and a fault cannot be applied in another. */
async function runRounds(context: CaseContext): Promise<number | undefined> {
  let lastStep = performance.now();
  try {
    for (const number of ROUNDS) lastStep = await runRound(context, { ...context.case, number });
    return lastStep;
  } catch (error) {
    const isLab = error instanceof LastfinError && error.code === 'LASTFIN_LAB';
    if (isLab && hasFailures(context.lab, 1)) return undefined;
    throw error;
  }
}

/** Settles, and once more at the drain limit where something has grown by then: tables may be swept by the clock. */
async function settleFor(
  context: CaseContext,
  { lastStep, nameless }: { lastStep: number; nameless: Report },
): Promise<Settled> {
  const early = await settle(context, { since: lastStep });
  const named = withNames(nameless, early);
  if (!grows(named, named, early.report)) return early;
  const wait = lastStep + context.case.expect.drain - performance.now();
  await delay(Math.max(0, wait), undefined, { signal: context.signal });
  const late = await settle(context, { since: lastStep });
  return { ...late, names: { ...early.names, ...late.names } };
}

/** Writes the report of the judged round once more where its growth has names now, and the lines that inserted. */
function noteNames(
  { lab, recorder }: CaseContext,
  {
    nameless,
    first,
    lines,
    confirmed,
  }: { nameless: Report; first: Report; lines: Record<string, Position[]>; confirmed: Settled },
): void {
  if (first !== nameless)
    recorder.write({ type: 'report', at: 'settled', round: 1, report: lab.positions.report(first) });
  recorder.write({
    type: 'explained',
    lines: lab.positions.byFingerprint(linesWithNames(lines, confirmed.names)),
  });
}
