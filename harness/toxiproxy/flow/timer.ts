import { performance } from 'node:perf_hooks';

const LONGEST_MS = 2_147_483_647;
/** As near to the deadline as it gets; shorter waits than this are one turn of the event loop. */
const NEAR_MS = 0.05;

/**
 * Fires after `ms` milliseconds: never early, as `setTimeout` can be, and after more than its 24.8 days too.
 * Returns what cancels it.
 */
export function startTimer(ms: number, fire: () => void): () => void {
  if (ms < NEAR_MS) {
    const immediate = setImmediate(fire);
    return () => clearImmediate(immediate);
  }
  const deadline = performance.now() + ms;
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    timer = setTimeout(check, Math.min(Math.max(Math.floor(left), 1), LONGEST_MS));
  };
  const check = (): void => {
    const left = deadline - performance.now();
    if (left < NEAR_MS) fire();
    else arm(left);
  };
  arm(ms);
  return () => clearTimeout(timer);
}
