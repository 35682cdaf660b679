/**
 * Record of what was alive before the traffic, which keeps none of it alive.
 */
import type net from 'node:net';
import { currentCensus, forgetCensus, gatherChecks } from '../census/shared-census.ts';
import { readDescriptors, type Descriptors } from '../base/descriptors.ts';
import { countLostFromHere } from '../hooks/file-handles.ts';
import { Inspection, turn } from '../base/inspection.ts';
import { countsOf, listenersOf, listenersOfChannel, listenersOfTarget } from '../base/listeners.ts';
import { listenerArrays } from '../not-leaks.ts';
import { listLive } from '../census/live.ts';
import { Locator } from '../census/locate.ts';
import { readFileStacks } from '../hooks/origins.ts';
import { type NodeTables, readNodeTables } from './node-tables.ts';
import { keepOut } from '../base/own.ts';
import { readTimerStacks } from '../hooks/promised-timers.ts';
import { sizeOfMap, sizeOfSet } from '../census/sizes.ts';
import { renewStacks } from '../base/stack-budget.ts';
import { findQueue } from '../hooks/timer-queue.ts';
import { destroyedSockets, survivors } from '../census/destroyed-sockets.ts';
import { countPorts, countUnseen } from '../hooks/activity.ts';
import { Unnamed } from './placeholders.ts';

export type Baseline = {
  seen: WeakSet<object>;
  /** number of live things by key of their origin: replacing one by another is no leak */
  alive: Map<string, number>;
  /** listener counts of emitters and targets */
  listeners: WeakMap<object, Map<string | symbol, number>>;
  /** sizes of Maps, Sets, Arrays and dictionaries */
  sizes: WeakMap<object, number>;
  /** everything that has listeners or a size */
  members: readonly WeakRef<object>[];
  /** number of destroyed sockets that were reachable: a program may remember its last one, and Node has free lists */
  destroyed: number;
  descriptors: Descriptors;
  nodeTables: NodeTables;
  /** see {@link countPorts} */
  ports: number;
  /** see {@link countUnseen} */
  unseen: number | undefined;
  /** things that have grown since and have no name yet */
  unnamed: Unnamed;
  /** number of the check, where several may run in one process: things of other checks are left out */
  check?: number;
};

export async function takeBaseline(): Promise<Baseline> {
  await turn();
  await gatherChecks();
  const unseen = prepare();
  const inspection = new Inspection();
  try {
    const { destroyed, ...rest } = look(inspection);
    const kept = destroyed.length === 0 ? [] : await survivors(inspection, destroyed);
    return { ...rest, unseen, destroyed: kept.length };
  } finally {
    inspection.close();
  }
}

/** The same without waiting for a turn of the event loop: destroyed sockets that a further collection would free are counted, too. */
export function takeBaselineNow(): Baseline {
  const unseen = prepare();
  // the caller may have made things since this turn began
  forgetCensus();
  const inspection = new Inspection();
  try {
    const { destroyed, ...rest } = look(inspection);
    return { ...rest, unseen, destroyed: destroyed.length };
  } finally {
    inspection.close();
  }
}

function prepare(): number | undefined {
  readFileStacks();
  renewStacks();
  countLostFromHere();
  return countUnseen();
}

/** Walks the heap for the baseline and releases every object, so that garbage can be collected afterwards. */
function look(
  inspection: Inspection,
): Omit<Baseline, 'destroyed' | 'unseen'> & { destroyed: WeakRef<net.Socket>[] } {
  const census = currentCensus(inspection);
  findQueue(census.arrays);
  readTimerStacks();
  const locator = new Locator(inspection);
  const listed = listenerArrays(census.emitters);
  const arrays = census.arrays.filter((array) => !listed.has(array));
  const baseline: ReturnType<typeof look> = {
    seen: new WeakSet<object>([
      ...census.emitters,
      ...census.targets,
      ...census.timers,
      ...census.immediates,
    ]),
    alive: keepOut(new Map()),
    listeners: new WeakMap(),
    sizes: new WeakMap(),
    members: keepOut(
      [
        census.emitters,
        census.targets,
        census.channels,
        census.maps,
        census.sets,
        census.dictionaries,
        census.empty,
        arrays,
      ].flatMap((objects: readonly object[]) => objects.map((object) => new WeakRef(object))),
    ),
    destroyed: destroyedSockets(census),
    descriptors: readDescriptors(),
    nodeTables: readNodeTables(),
    ports: countPorts(),
    unnamed: new Unnamed(),
  };
  for (const { key } of listLive(census, locator)) {
    baseline.alive.set(key, (baseline.alive.get(key) ?? 0) + 1);
  }
  for (const emitter of census.emitters)
    baseline.listeners.set(emitter, keepOut(countsOf(listenersOf(emitter))));
  for (const target of census.targets)
    baseline.listeners.set(target, keepOut(countsOf(listenersOfTarget(target))));
  for (const one of census.channels) baseline.listeners.set(one, keepOut(countsOf(listenersOfChannel(one))));
  for (const map of census.maps) baseline.sizes.set(map, sizeOfMap(map));
  for (const set of census.sets) baseline.sizes.set(set, sizeOfSet(set));
  for (const one of census.dictionaries) baseline.sizes.set(one, Object.keys(one).length);
  for (const one of census.empty) baseline.sizes.set(one, 0);
  for (const array of arrays) baseline.sizes.set(array, array.length);
  return baseline;
}
