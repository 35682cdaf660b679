/**
 * All timers and immediates without a heap walk. Node keeps its lists of timers, one for each duration, in an array without a public
 * reference; the heap walk of the baseline finds it and recognizes it by a list of the probe in it.
 */
import type { ImmediateLike, TimerLike } from '../census/census.ts';
import { copyOf, includes } from '../base/built-ins.ts';
import { keepOut } from '../base/own.ts';
import { unref } from '../base/timer-methods.ts';

/** Duration (ms) that no program uses, so that its list is the probe's. */
const DURATION = 1_987_654_321;

type Linked = { _idleNext?: Linked | null; _idlePrev?: Linked | null };

const realTimeout = setTimeout;
const realClear = clearTimeout;
const realImmediate = setImmediate;
const realClearImmediate = clearImmediate;
const nothing = (): void => undefined;

let queue: readonly unknown[] | undefined;

/** Finds Node's array of timer lists among all arrays. */
export function findQueue(arrays: readonly unknown[][]): void {
  withOwnList((list) => {
    if (!queue || !includes(queue, list)) queue = arrays.find((array) => includes(array, list));
  });
}

/** Whether an array is Node's array of timer lists: it grows with every duration in use, and in some versions never shrinks. */
export function isTimerQueue(array: readonly unknown[]): boolean {
  return array === queue;
}

/** Timers in the queue; undefined if the queue is unknown. */
export function queuedTimers(): TimerLike[] | undefined {
  const timers: TimerLike[] = [];
  let isKnown = false;
  withOwnList((own) => {
    if (!queue) return;
    isKnown = includes(queue, own);
    for (const list of copyOf(queue)) {
      // one by one: there may be more than a call can have arguments
      if (list !== own && isLinked(list))
        for (const timer of membersOf(list)) timers.push(timer as TimerLike);
    }
  });
  return isKnown ? timers : undefined;
}

/** Result of `set`, and the timer that it sets with this duration: Node keeps timers of one duration in the order of their setting. */
export function timerSetBy<T>(duration: number, set: () => T): { result: T; timer: object | undefined } {
  return withOwnTimer(duration, (own) => {
    const result = set();
    const newer = own._idlePrev;
    // the newest timer leads back to its list
    return { result, timer: newer && '_onTimeout' in newer ? newer : undefined };
  });
}

/** Immediates that wait for the next turn of the loop and, reached from the one that has just run, for the rest of this turn. */
export function pendingImmediates(hasRun: ImmediateLike): ImmediateLike[] {
  const own = keepOut(realImmediate(nothing));
  const pending: Linked[] = [];
  for (let at = (own as Linked)._idlePrev; at; at = at._idlePrev) pending.push(at);
  for (let at = (hasRun as Linked)._idleNext; at; at = at._idleNext) pending.push(at);
  realClearImmediate(own);
  return pending as ImmediateLike[];
}

function withOwnList(use: (list: object) => void): void {
  withOwnTimer(DURATION, ({ _idleNext: list }) => {
    if (list) use(list);
  });
}

/** Sets a timer of the probe for the duration of the call. */
function withOwnTimer<T>(duration: number, use: (own: Linked) => T): T {
  const own = keepOut(realTimeout(nothing, duration));
  Reflect.apply(unref, own, []);
  try {
    return use(own as Linked);
  } finally {
    realClear(own);
  }
}

function isLinked(list: unknown): list is Linked {
  return typeof list === 'object' && list !== null && '_idleNext' in list;
}

function membersOf(list: Linked): Linked[] {
  const members: Linked[] = [];
  for (let at = list._idleNext; at && at !== list; at = at._idleNext) members.push(at);
  return members;
}
