import { setTimeout as delay } from 'node:timers/promises';

import type { Sample } from '../../probe/protocol.ts';
import type { ContextBeforeBaseline } from '../case-context.ts';
import type { CaseLab } from '../case-lab/case-lab.ts';
import { noteConnections } from './write-observations.ts';
import { runExchanges } from './run-round.ts';
import { isBack } from './settle.ts';

/** Most connections of a warm-up: enough to have made every pool and lazy thing, without costing a round. */
const MOST = 50;
/** Deadline of each step of a warm-up: a target that fails even that is judged all the same, so it must not cost more. ms */
const STEP_DEADLINE = 2_000;
/** Shortest wait for the target to let go of the warm-up's connections. ms */
const DRAIN = 2_000;

/**
 * Graceful exchanges at the case's own concurrency, then the baseline. Whatever a target still holds after the warm-up
 * belongs to the baseline: a leak shows in the judged round again.
 */
export async function warmUp(context: ContextBeforeBaseline): Promise<Sample> {
  const { lab, recorder, signal } = context;
  const { connections, expect } = context.case;
  recorder.phase('warm-up', 0);
  await lab.probe?.allUp();
  const before = await lab.observer.sample();
  const count = Math.min(connections.concurrent, MOST);
  await runExchanges(context, { round: 0, count, deadline: STEP_DEADLINE });
  noteConnections(context, [0]);
  lab.client.release();
  lab.upstream.release();
  const end = performance.now() + Math.max(expect.drain, DRAIN);
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
