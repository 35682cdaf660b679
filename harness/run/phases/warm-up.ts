import { setTimeout as delay } from 'node:timers/promises';

import type { Sample } from '../../probe/protocol.ts';
import type { Case } from '../../scenario/case.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { noteConnections } from './write-observations.ts';
import type { Recorder } from '../../journal/recorder.ts';
import { runRound } from './run-round.ts';
import { isBack } from './settle.ts';

/** Enough connections to have made every pool and lazy thing, without costing a round. */
const MOST = 50;
/** A target that fails even the warm-up is judged all the same, so it must not cost more than this. ms */
const STEP_DEADLINE = 2_000;
const DRAIN = 2_000;

/**
 * Graceful exchanges at the case's own concurrency, then the baseline. Whatever a target still holds after the warm-up
 * belongs to the baseline: a leak shows in the judged round again.
 */
export async function warmUp(
  plan: Case,
  lab: CaseLab,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<Sample> {
  recorder.phase('warm-up', 0);
  await lab.probe?.allUp();
  const before = await lab.observer.sample();
  const count = Math.min(plan.connections.concurrent, MOST);
  const connections = { count, concurrent: count };
  await runRound(
    lab,
    recorder,
    0,
    { ...lab.exchange, grants: true, faults: [], connections, deadline: STEP_DEADLINE },
    signal,
  );
  noteConnections(lab, recorder, [0]);
  lab.client.release();
  lab.upstream.release();
  const end = performance.now() + Math.max(plan.expect.drain, DRAIN);
  for (let pause = 2; !(await isDrained(lab, before)) && performance.now() < end; pause *= 2) {
    await delay(Math.min(pause, 50), undefined, { signal });
  }
  recorder.phase('baseline', 0);
  await lab.observer.baseline();
  const sample = await lab.observer.sample();
  recorder.write({ type: 'sample', at: 'baseline', round: 0, sample });
  for (const what of lab.observer.blind) recorder.write({ type: 'blind', what });
  return sample;
}

async function isDrained(lab: CaseLab, before: Sample): Promise<boolean> {
  return !lab.acceptsPending() && isBack(await lab.observer.sample(), before);
}
