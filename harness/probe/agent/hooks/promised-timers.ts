/**
 * Records where timers were set that settle a promise or abort a signal: their callback is Node's own, and nobody else sees them.
 */
import { syncBuiltinESMExports } from 'node:module';
import type nodeTimers from 'node:timers/promises';
import { replace } from '../base/hook.ts';
import { hostModule } from '../base/built-ins.ts';
import { keepStack, originOf } from './origins.ts';
import { StackBudget } from '../base/stack-budget.ts';
import { capture } from '../base/stacks.ts';
import { queuedTimers, timerSetBy } from './timer-queue.ts';

/** Longest delay of a timer, ms; Node turns longer ones into 1 with a warning, which must not appear twice. */
const LONGEST = 2 ** 31 - 1;

const budget = new StackBudget();

/** Starts recording. Called once, before the program. */
export function followPromisedTimers(): void {
  const timersPromises = hostModule('node:timers/promises') as typeof nodeTimers;
  follow(timersPromises, 'setTimeout');
  follow(Object.getPrototypeOf(timersPromises.scheduler) as object, 'wait');
  follow(AbortSignal, 'timeout');
  syncBuiltinESMExports();
}

/** Reads the stacks: an unread stack keeps objects alive. */
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
