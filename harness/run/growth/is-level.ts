/** Rounds with next to no growth after which memory counts as level. */
const ROUNDS = 4;
/**
 * Whether memory has stopped growing: the highest of the last rounds is hardly above what was reached before them. A runtime that lets
 * garbage lie climbs by steps and rests between them; a leak goes on.
 *
 * @param memory KiB after each round @param least what a leak adds in one round at the least, KiB
 */
export function isLevel(memory: readonly number[], least: number): boolean {
  if (memory.length <= ROUNDS) return false;
  const reached = Math.max(...memory.slice(0, -ROUNDS));
  return Math.max(...memory.slice(-ROUNDS)) - reached < least * ROUNDS;
}
