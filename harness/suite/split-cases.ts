import { createHash } from 'node:crypto';

/**
 * Number of the shard that runs each case, from 1. With times the longest case goes to the shard with least to do, and a case without
 * a time counts as the median one; without times the hash of its id decides, which stays when cases come and go.
 *
 * @example
 * splitCases(['a', 'b', 'c'], 2, new Map([['a', 100], ['b', 60], ['c', 50]])); // a → 1, b → 2, c → 2
 */
export function splitCases(
  ids: readonly string[],
  of: number,
  times: ReadonlyMap<string, number> = new Map(),
): Map<string, number> {
  const time = timeOf(ids, times);
  if (time === undefined) return new Map(ids.map((id) => [id, (hashOf(id) % of) + 1]));
  const loads = Array.from({ length: of }, () => 0);
  const shards = new Map<string, number>();
  for (const id of longestFirst(ids, times)) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least] = (loads[least] ?? 0) + time(id);
    shards.set(id, least + 1);
  }
  return shards;
}

/** Ids by time, the longest first; without times as they are given. */
export function longestFirst(ids: readonly string[], times: ReadonlyMap<string, number>): string[] {
  const time = timeOf(ids, times);
  if (time === undefined) return [...ids];
  return ids.toSorted((a, b) => time(b) - time(a) || (a < b ? -1 : 1));
}

/** Time of each case, the median for one without; undefined where no time is known. */
function timeOf(
  ids: readonly string[],
  times: ReadonlyMap<string, number>,
): ((id: string) => number) | undefined {
  const known = ids.flatMap((id) => times.get(id) ?? []).toSorted((a, b) => a - b);
  const median = known[Math.floor(known.length / 2)];
  return median === undefined ? undefined : (id) => times.get(id) ?? median;
}

function hashOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0);
}

/** Hash of a plan, with the target of each case: shards of one run have the same, whichever part they ran. */
export function planHash(shards: ReadonlyMap<string, number>, targets: ReadonlyMap<string, string>): string {
  const lines = [...shards].map(([id, shard]) => `${shard} ${id} ${targets.get(id) ?? ''}`).toSorted();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16);
}
