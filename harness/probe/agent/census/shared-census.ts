/**
 * Heap walk that checks of one process share: those that look in the same turn of the event loop see the same heap, and a walk of a test
 * runner's takes 100 ms and more. Checks at the same time wait for one another, so that five of them need one walk and not five.
 */
import { takeCensus, willFire, willRun, type Census } from './census.ts';
import type { Inspection } from '../base/inspection.ts';
import { keepOut } from '../base/own.ts';

const realImmediate = setImmediate;
const realTimeout = setTimeout;

/** Time (ms) that a check waits for others that are about to look: a fraction of a walk, and enough for all that a walk has held up. */
const GATHER = 15;

let isShared = false;
let latest: Census | undefined;
/** resolved for all checks that are about to look, in one turn */
let gathering: Promise<void> | undefined;

/** Starts or stops sharing: a check that is alone never looks twice in a turn. */
export function shareCensus(on: boolean): void {
  isShared = on;
  forgetCensus();
}

/** Waits for other checks that are about to look; a check that is alone does not wait. Take the census in the turn in which it resolves. */
export function gatherChecks(): Promise<void> {
  if (!isShared) return Promise.resolve();
  gathering ??= new Promise((resolve) => {
    const timer = realTimeout(() => {
      gathering = undefined;
      resolve();
    }, GATHER);
    keepOut(timer);
  });
  return gathering;
}

/** Takes a census, or gives the one of this turn of the event loop. */
export function currentCensus(inspection: Inspection): Census {
  if (!isShared) return takeCensus(inspection);
  if (latest !== undefined) {
    // may have fired since the walk: nobody can describe them any more
    return {
      ...latest,
      timers: latest.timers.filter(willFire),
      immediates: latest.immediates.filter(willRun),
    };
  }
  // runs in the next turn, before anything that waits for one: a shared census keeps all of its objects alive
  keepOut(realImmediate(forgetCensus));
  return (latest = keepOut(takeCensus(inspection)));
}

/** Releases the census, before garbage is collected or a snapshot tells who keeps an object. */
export function forgetCensus(): void {
  latest = undefined;
}
