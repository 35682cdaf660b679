/** Most connections of one side for which a round keeps the timeline of each. */
const ALL = 200;
/** In a larger round: the first ones, and at most as many again, evenly spread. */
const FIRST = 100;

/**
 * Whether the timeline of a connection is kept: of each in a round of up to 200 connections; in a larger one of the first 100 and of
 * every k-th after them, 100 more at most. A journal of 10,000 connections hardly grows by that.
 *
 * @param number number of the connection in its round and side, from 0
 * @param count connections of the round
 * @example
 * isTimed(150, 200); // true
 * isTimed(150, 10_000); // false: every 100th
 */
export function isTimed(number: number, count: number): boolean {
  if (count <= ALL) return number < ALL;
  return number < FIRST || (number < count && number % Math.ceil(count / FIRST) === 0);
}
