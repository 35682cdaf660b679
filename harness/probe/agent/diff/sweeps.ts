/**
 * Intervals of the program that existed before the traffic: one of them may sweep a table, which is unknown until it has run.
 */
import type { Baseline } from './baseline.ts';
import type { Locator } from '../census/locate.ts';
import { queuedTimers } from '../hooks/timer-queue.ts';

/** Longest time that a case waits for a sweep, ms. */
const LONGEST = 20_000;

/** Longest period of such an interval, ms; undefined if there is none short enough to wait for. */
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
