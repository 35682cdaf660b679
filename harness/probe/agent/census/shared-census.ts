/**
 * Heap walk that checks of one process share: those that look in the same turn of the event loop see the same heap, and a walk of a test
 * runner's takes 100 ms and more.
 */
import { takeCensus, willFire, willRun, type Census } from './census.ts';
import type { Inspection } from '../base/inspection.ts';
import { keepOut } from '../base/own.ts';

const realImmediate = setImmediate;

let isShared = false;
let latest: Census | undefined;

/** Starts or stops sharing: a check that is alone never looks twice in a turn. */
export function shareCensus(on: boolean): void {
  isShared = on;
  forgetCensus();
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
