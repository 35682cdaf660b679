/**
 * Census without a heap walk, from the baseline, Node's own lists and the hooks of `activity.ts`. A heap walk costs V8 ten times as much,
 * and takes seconds on a large heap.
 */
import type { Baseline } from './baseline.ts';
import { sortAll, type Census, type ImmediateLike } from '../census/census.ts';
import { countByLink, kindOf, readDescriptors } from '../base/descriptors.ts';
import type { Inspection } from '../base/inspection.ts';
import { activeSockets, isOpen } from '../census/live-sockets.ts';
import { isOfUnknownAgent } from '../census/pooled-sockets.ts';
import { descriptorOf } from '../base/socket-inside.ts';
import { pendingImmediates, queuedTimers } from '../hooks/timer-queue.ts';
import { countPorts, countUnseen, notedSockets } from '../hooks/activity.ts';
import { isReserve } from '../not-leaks.ts';

/** Whether nothing was started that only a heap walk finds. Costs nothing, so ask it first. */
export function isAllCounted(baseline: Baseline): boolean {
  return baseline.unseen !== undefined && countUnseen() === baseline.unseen && countPorts() <= baseline.ports;
}

/**
 * Takes the census; undefined if there may be more. The caller collects garbage first; what is left counts as alive.
 * @param hasRun immediate that has just run
 */
export function takeKnownCensus(
  inspection: Inspection,
  baseline: Baseline,
  hasRun: ImmediateLike,
): Census | undefined {
  const timers = queuedTimers();
  if (timers === undefined || !isAllCounted(baseline)) return undefined;
  const census = sortAll(
    new Set<object>([
      ...members(baseline),
      ...activeSockets(),
      ...notedSockets(inspection),
      ...timers,
      ...pendingImmediates(hasRun),
    ]),
  );
  return hasAllDescriptors(census, baseline) && !hasUnknownAgent(census, baseline) ? census : undefined;
}

/** Live members of the baseline. Not a flatMap: some of them are arrays. */
function* members({ members: references }: Baseline): Generator<object> {
  for (const reference of references) {
    const object = reference.deref();
    if (object) yield object;
  }
}

/** Whether every descriptor opened since the baseline is a file or one of these sockets. */
function hasAllDescriptors(census: Census, baseline: Baseline): boolean {
  const now = readDescriptors();
  // empty: there is no /proc
  if (now.size === 0) return false;
  const before = countByLink(baseline.descriptors);
  const counts = countByLink(now);
  const ofSockets = new Set(census.sockets.filter(isOpen).map(descriptorOf));
  return [...now].every(
    ([fd, link]) =>
      (counts.get(link) ?? 0) <= (before.get(link) ?? 0) ||
      isReserve(link) ||
      kindOf(link) === 'file' ||
      ofSockets.has(fd),
  );
}

function hasUnknownAgent(census: Census, { seen }: Baseline): boolean {
  const isUnknown = isOfUnknownAgent(census);
  return census.sockets.some((socket) => isOpen(socket) && !seen.has(socket) && isUnknown(socket));
}
