/**
 * Where a timer was set that settles a promise or aborts a signal: its callback is Node's own, and nobody else sees the timer.
 */
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { replace } from './hook.ts';
import { keepStack, originOf } from './origins.ts';
import { keepOut } from './own.ts';
import { StackBudget } from './stack-budget.ts';
import { capture } from './stacks.ts';
import { newerThan, queuedTimers } from './timer-queue.ts';

/** ms; Node takes others for 1, with a warning that should not come twice */
const LONGEST = 2 ** 31 - 1;

const realTimeout = setTimeout;
const realClear = clearTimeout;
const nothing = (): void => undefined;
const budget = new StackBudget();

/** Called once, before the program. */
export function followPromisedTimers(): void {
  follow(timersPromises, 'setTimeout');
  follow(Object.getPrototypeOf(timersPromises.scheduler) as object, 'wait');
  follow(AbortSignal, 'timeout');
  syncBuiltinESMExports();
}

/** An unread stack keeps what was on it alive. */
export function readTimerStacks(): void {
  for (const timer of queuedTimers() ?? []) originOf(timer);
}

/** Node keeps timers of one duration in the order in which they were set: what comes after ours is the one. */
function follow(on: object, name: string): void {
  replace(on, name, (set) => {
    return function replaced(this: unknown, ...given) {
      const [delay] = given;
      const isTime = typeof delay === 'number' && delay >= 1 && delay <= LONGEST;
      if (!isTime || !budget.isWanted()) return set.apply(this, given);
      const before = keepOut(realTimeout(nothing, delay)).unref();
      try {
        const result = set.apply(this, given);
        const made = newerThan(before);
        if (made) keepStack(made, capture(replaced));
        return result;
      } finally {
        realClear(before);
      }
    };
  });
}
