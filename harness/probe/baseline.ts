/**
 * What was alive before the traffic, remembered without keeping any of it alive.
 */
import { takeCensus } from './census.ts';
import { readDescriptors, type Descriptors } from './descriptors.ts';
import { Inspection, turn } from './inspection.ts';
import { countsOf, listenerArrays, listenersOf, listenersOfTarget } from './listeners.ts';
import { listLive } from './live.ts';
import { isSpent } from './live-sockets.ts';
import { Locator } from './locate.ts';
import { readFileStacks } from './origins.ts';
import { keepOut } from './own.ts';

export type Baseline = {
  seen: WeakSet<object>;
  /** live things by key of their origin: one that replaces another is no leak */
  alive: Map<string, number>;
  /** listener counts of emitters and targets */
  listeners: WeakMap<object, Map<string | symbol, number>>;
  /** sizes of Maps, Sets, Arrays and dictionaries */
  sizes: WeakMap<object, number>;
  /** how many destroyed sockets something kept: a program may remember its last, Node has free lists */
  spent: number;
  descriptors: Descriptors;
};

export async function takeBaseline(): Promise<Baseline> {
  await turn();
  readFileStacks();
  const inspection = new Inspection();
  try {
    const census = takeCensus(inspection);
    const locator = new Locator(inspection);
    const baseline: Baseline = {
      seen: new WeakSet<object>([
        ...census.emitters,
        ...census.targets,
        ...census.timers,
        ...census.immediates,
      ]),
      alive: keepOut(new Map()),
      listeners: new WeakMap(),
      sizes: new WeakMap(),
      spent: census.sockets.filter(isSpent).length,
      descriptors: readDescriptors(),
    };
    for (const { key } of listLive(census, locator)) {
      baseline.alive.set(key, (baseline.alive.get(key) ?? 0) + 1);
    }
    for (const emitter of census.emitters)
      baseline.listeners.set(emitter, keepOut(countsOf(listenersOf(emitter))));
    for (const target of census.targets)
      baseline.listeners.set(target, keepOut(countsOf(listenersOfTarget(target))));
    const listed = listenerArrays(census.emitters);
    for (const map of census.maps) baseline.sizes.set(map, map.size);
    for (const set of census.sets) baseline.sizes.set(set, set.size);
    for (const one of census.dictionaries) baseline.sizes.set(one, Object.keys(one).length);
    for (const array of census.arrays) if (!listed.has(array)) baseline.sizes.set(array, array.length);
    return baseline;
  } finally {
    inspection.close();
  }
}
