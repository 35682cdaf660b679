/**
 * Intervals of the program that were there before the traffic: one of them may sweep a table, and until it has run nobody knows.
 */
import type { Baseline } from './baseline.ts';
import type { Locator } from '../census/locate.ts';
import { queuedTimers } from '../hooks/timer-queue.ts';

/** A case does not wait longer than this for a sweep. ms */
const LONGEST = 20_000;

/** The longest period of such an interval, ms; undefined where there is none, or none that is short enough to wait for. */
export async function longestSweep(
  { seen }: Pick<Baseline, 'seen'>,
  locator: Locator,
): Promise<number | undefined> {
  let longest: number | undefined;
  for (const timer of queuedTimers() ?? []) {
    const { _repeat: period, _onTimeout: callback } = timer;
    if (typeof period !== 'number' || period > LONGEST || !seen.has(timer)) continue;
    // Node has intervals of its own
    if ((await locator.position(callback))?.user) longest = Math.max(longest ?? 0, period);
  }
  return longest;
}
