/**
 * Checks without a heap walk whether anything can be left; if nothing can, there is nothing to look for.
 */
import type { Baseline } from './baseline.ts';
import type { Census, ImmediateLike } from '../census/census.ts';
import { collectGarbage } from '../base/collect-garbage.ts';
import { findDescriptors } from './find-descriptors.ts';
import { findLostHandles } from '../hooks/file-handles.ts';
import { listGrown } from './find-collections.ts';
import { Inspection, turn } from '../base/inspection.ts';
import { isAllCounted, takeKnownCensus } from './known-census.ts';
import {
  countsOf,
  listenersOf,
  listenersOfChannel,
  listenersOfTarget,
  type Listeners,
} from '../base/listeners.ts';
import { findNodeTables } from './node-tables.ts';
import { isOpen } from '../census/live-sockets.ts';
import { forgetCensus } from '../census/shared-census.ts';
import { isStdio } from '../not-leaks.ts';

const realImmediate = setImmediate;

/** Result of the check: nothing is left, something that the known census shows, or something that only a heap walk finds. */
export type Left = 'nothing' | 'known' | 'unknown';

export async function quickLook(baseline: Baseline): Promise<Left> {
  if (!isAllCounted(baseline)) return 'unknown';
  const hasRun = await collected();
  if (hasRun === undefined) return 'unknown';
  const inspection = new Inspection();
  try {
    const census = takeKnownCensus(inspection, baseline, hasRun);
    if (census === undefined) return 'unknown';
    return hasMore(census, baseline) ? 'known' : 'nothing';
  } finally {
    inspection.close();
  }
}

/** Collects garbage once; gives the immediate that ran after it, or undefined if V8 does not allow the collection. */
export async function collected(): Promise<ImmediateLike | undefined> {
  await turn();
  forgetCensus();
  if (!collectGarbage()) return undefined;
  return new Promise((resolve) => {
    const own = realImmediate(() => resolve(own as unknown as ImmediateLike));
  });
}

function hasMore(census: Census, baseline: Baseline): boolean {
  const isNew = (object: object): boolean => !baseline.seen.has(object);
  return (
    census.sockets.some((socket) => isOpen(socket) && !isStdio(socket) && isNew(socket)) ||
    census.sockets.filter(({ destroyed }) => destroyed).length > baseline.destroyed ||
    census.timers.some(isNew) ||
    census.immediates.some(isNew) ||
    hasMoreListeners(census, baseline) ||
    listGrown(census, baseline.sizes).length > 0 ||
    findDescriptors(baseline).length > 0 ||
    findLostHandles().length > 0 ||
    findNodeTables(baseline).length > 0
  );
}

function hasMoreListeners(census: Census, baseline: Baseline): boolean {
  const isMore = (object: object, listeners: Listeners): boolean => {
    const before = baseline.listeners.get(object);
    // created after the baseline
    if (before === undefined) return false;
    return [...countsOf(listeners)].some(([event, count]) => count > (before.get(event) ?? 0));
  };
  return (
    census.emitters.some((emitter) => isMore(emitter, listenersOf(emitter))) ||
    census.targets.some((target) => isMore(target, listenersOfTarget(target))) ||
    census.channels.some((one) => isMore(one, listenersOfChannel(one)))
  );
}
