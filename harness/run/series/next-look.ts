/** Interval of the first looks, ms. */
const FIRST = 50;
/** Number of looks at the first interval, and at the second. */
const AT_FIRST = 60;
const AT_SECOND = 40;
/** Number of looks at each interval after these. */
const AT_LATER = 20;
/** A look may take this share of the time. */
const SHARE = 1 / 50;

/**
 * Time until the next light look, ms: 50 at first, 100 after 3 s, then twice as long after every 20 looks, so that two minutes take about
 * 200. Always at least 50 times as long as a look takes.
 *
 * @param looks number of looks so far
 * @param cost ms that the last one took
 */
export function nextLook(looks: number, cost: number): number {
  const later = looks - AT_FIRST - AT_SECOND;
  const doubled = looks < AT_FIRST ? 0 : later < 0 ? 1 : 2 + Math.floor(later / AT_LATER);
  return Math.max(FIRST * 2 ** doubled, cost / SHARE);
}
