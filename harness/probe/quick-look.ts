/**
 * Whether anything at all can be left, without a heap walk: where nothing can, there is nothing to look for. A heap walk costs V8 ten
 * times as much, and a second where the heap is large. In doubt the answer is yes.
 */
import type net from 'node:net';
import type { Baseline } from './baseline.ts';
import { sortAll, type ImmediateLike } from './census.ts';
import { collectGarbage } from './collect-garbage.ts';
import { countByLink, readDescriptors } from './descriptors.ts';
import { listGrown } from './find-collections.ts';
import { Inspection, turn } from './inspection.ts';
import { countsOf, listenersOf, listenersOfTarget, type Listeners } from './listeners.ts';
import { listLive } from './live.ts';
import { isOpen, isStdio } from './live-sockets.ts';
import { Locator } from './locate.ts';
import { surplus } from './surplus.ts';
import { pendingImmediates, queuedTimers } from './timer-queue.ts';
import { countDestroyed, countPorts, countUnseen, socketsWithoutDescriptor } from './trail.ts';

const realImmediate = setImmediate;
/** libuv's for EMFILE */
const RESERVE: ReadonlySet<string> = new Set(['/', '/dev/null']);

export async function mayHaveNew(baseline: Baseline): Promise<boolean> {
  if (baseline.unseen === undefined || countUnseen() !== baseline.unseen) return true;
  if (hasNewDescriptors(baseline) || countPorts() > baseline.ports) return true;
  const hasRun = await immediate();
  return hasGrown(baseline) || hasNewTimers(baseline, hasRun) || (await hasNewSockets(baseline));
}

/** Not by flatMap: some are arrays. */
function* stillThere(references: readonly WeakRef<object>[]): Generator<object> {
  for (const reference of references) {
    const object = reference.deref();
    if (object) yield object;
  }
}

/** Sockets, listening ones too, datagram sockets, files. */
function hasNewDescriptors(baseline: Baseline): boolean {
  const before = countByLink(baseline.descriptors);
  // nothing at all: there is no /proc
  if (before.size === 0) return true;
  return [...countByLink(readDescriptors())].some(
    ([link, count]) => !RESERVE.has(link) && count > (before.get(link) ?? 0),
  );
}

/** Listeners and entries of what was there before. */
function hasGrown(baseline: Baseline): boolean {
  const census = sortAll(stillThere(baseline.members));
  const isMore = (object: object, listeners: Listeners): boolean => {
    const before = baseline.listeners.get(object);
    return [...countsOf(listeners)].some(([event, count]) => count > (before?.get(event) ?? 0));
  };
  return (
    listGrown(census, baseline).length > 0 ||
    census.emitters.some((emitter) => isMore(emitter, listenersOf(emitter))) ||
    census.targets.some((target) => isMore(target, listenersOfTarget(target)))
  );
}

function hasNewTimers(baseline: Baseline, hasRun: ImmediateLike): boolean {
  const timers = queuedTimers();
  if (timers === undefined) return true;
  const census = sortAll([...timers, ...pendingImmediates(hasRun)]);
  const isNew = (object: object): boolean => !baseline.seen.has(object);
  if (!census.timers.some(isNew) && !census.immediates.some(isNew)) return false;
  // one may be in the place of another
  const inspection = new Inspection();
  try {
    return surplus(listLive(census, new Locator(inspection)), baseline).length > 0;
  } finally {
    inspection.close();
  }
}

/** Destroyed ones that garbage collection leaves; and those that connect, which may have no descriptor yet. */
async function hasNewSockets(baseline: Baseline): Promise<boolean> {
  await turn();
  if (!collectGarbage()) return true;
  await turn();
  const isNew = (socket: net.Socket): boolean =>
    isOpen(socket) && !isStdio(socket) && !baseline.seen.has(socket);
  return hasSpent(baseline) || socketsWithoutDescriptor().some(isNew);
}

function hasSpent(baseline: Baseline): boolean {
  const inspection = new Inspection();
  try {
    return countDestroyed(inspection) > baseline.spent;
  } finally {
    inspection.close();
  }
}

/** One turn of the loop; the immediate that it was. */
function immediate(): Promise<ImmediateLike> {
  return new Promise((resolve) => {
    const own = realImmediate(() => resolve(own as unknown as ImmediateLike));
  });
}
