/**
 * Where a timer was set that settles a promise or aborts a signal: its callback is Node's own, and nobody else sees the timer.
 */
import { syncBuiltinESMExports } from 'node:module';
import type nodeTimers from 'node:timers/promises';
import { replace } from '../base/hook.ts';
import { hostModule } from '../base/built-ins.ts';
import { keepStack, originOf } from './origins.ts';
import { StackBudget } from '../base/stack-budget.ts';
import { capture } from '../base/stacks.ts';
import { queuedTimers, timerSetBy } from './timer-queue.ts';

/** ms; Node takes others for 1, with a warning that should not come twice */
const LONGEST = 2 ** 31 - 1;

const budget = new StackBudget();

/** Called once, before the program. */
export function followPromisedTimers(): void {
  const timersPromises = hostModule('node:timers/promises') as typeof nodeTimers;
  follow(timersPromises, 'setTimeout');
  follow(Object.getPrototypeOf(timersPromises.scheduler) as object, 'wait');
  follow(AbortSignal, 'timeout');
  syncBuiltinESMExports();
}

/** An unread stack keeps what was on it alive. */
export function readTimerStacks(): void {
  for (const timer of queuedTimers() ?? []) originOf(timer);
}

function follow(on: object, name: string): void {
  replace(on, name, (set) => {
    return function replaced(this: unknown, ...given) {
      const [delay] = given;
      const isTime = typeof delay === 'number' && delay >= 1 && delay <= LONGEST;
      if (!isTime || !budget.isWanted()) return Reflect.apply(set, this, given);
      const { result, timer } = timerSetBy(delay, () => Reflect.apply(set, this, given));
      if (timer) keepStack(timer, capture(replaced));
      return result;
    };
  });
}
