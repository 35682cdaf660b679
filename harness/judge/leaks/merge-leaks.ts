import { RESOURCES } from '../../resource.ts';
import type { Leak } from '../verdict.ts';
import { at } from '../words.ts';

/** Resources that a connection which does not end explains, by the kernel's account: descriptors, children and threads that serve it. */
const SEEN_FROM_OUTSIDE: readonly Leak['resource'][] = RESOURCES.slice(RESOURCES.indexOf('tcp'));

/** Merges leaks that an earlier one explains: they are counted under the first of them. */
export function mergeLeaks(found: readonly Leak[]): Leak[] {
  const kept: Leak[] = [];
  for (const one of found) {
    const call = kept.find((other) => isSameCall(one, other));
    if (call !== undefined) {
      call.sample += `${call.sample.includes(ALSO) ? ', ' : ALSO}${emitterAndEvent(one)}`;
      continue;
    }
    const rank = SEEN_FROM_OUTSIDE.indexOf(one.resource);
    const cause = kept.find((other) => {
      const earlier = SEEN_FROM_OUTSIDE.indexOf(other.resource);
      return rank > earlier && earlier >= 0 && (one.resource === 'memory' || one.count <= other.count);
    });
    if (cause === undefined) kept.push({ ...one });
    else if (one.resource !== 'memory') cause.alsoRetains = (cause.alsoRetains ?? 0) + one.count;
  }
  return kept;
}

const ALSO = '; as many on ';

/** Whether two leaks come from one call: `stream.pipeline`, `pipe` and `events.on` listen to several events. */
function isSameCall(one: Leak, other: Leak): boolean {
  const [here, there] = [one.where[0], other.where[0]];
  if (one.resource !== 'listener' || other.resource !== 'listener' || one.count !== other.count) return false;
  return here !== undefined && there !== undefined && at(here) === at(there);
}

function emitterAndEvent({ sample }: Leak): string {
  return sample.split(': ')[0] ?? '';
}
