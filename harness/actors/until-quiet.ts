import { setTimeout as delay } from 'node:timers/promises';

import { type Clock, StepFailure } from './round-services.ts';

/** Time (ms) without a byte after which nothing more is under way. */
const QUIET = 300;
/** Longest time (ms) that is waited for it once the wanted bytes have come. */
const FLOWING = 1000;

/**
 * Waits until no more bytes come, or a while after `bytes` of them: where a target sends bytes of its own, their number tells
 * little.
 */
export async function untilQuiet(
  round: { readonly received: number; readonly signal: AbortSignal },
  bytes: number,
  clock: Clock,
): Promise<void> {
  let [seen, since, reachedAt] = [0, performance.now(), Infinity];
  while (clock.remaining > 0) {
    const now = performance.now();
    if (round.received !== seen) [seen, since] = [round.received, now];
    if (seen >= bytes) reachedAt = Math.min(reachedAt, now);
    if ((seen > 0 && now - since >= QUIET) || now - reachedAt >= FLOWING) return;
    await delay(QUIET / 10, undefined, { signal: round.signal });
  }
  throw new StepFailure(`${bytes} bytes received: not within the time of the step`);
}
