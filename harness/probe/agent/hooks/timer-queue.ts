/**
 * All timers and immediates without a heap walk. Node keeps the lists of its timers, one a duration, in an array that nobody can ask
 * for; but the heap walk of the baseline comes across it, and it is known by a list of our own in it.
 */
import type { ImmediateLike, TimerLike } from '../census/census.ts';
import { copyOf, includes } from '../base/built-ins.ts';
import { keepOut } from '../base/own.ts';
import { unref } from '../base/timer-methods.ts';

/** ms; nobody else's, so that the list is our own */
const DURATION = 1_987_654_321;

type Linked = { _idleNext?: Linked | null; _idlePrev?: Linked | null };

const realTimeout = setTimeout;
const realClear = clearTimeout;
const realImmediate = setImmediate;
const realClearImmediate = clearImmediate;
const nothing = (): void => undefined;

let queue: readonly unknown[] | undefined;

/** Looks for Node's array of lists among all arrays. */
export function findQueue(arrays: readonly unknown[][]): void {
  withOwnList((list) => {
    if (!queue || !includes(queue, list)) queue = arrays.find((array) => includes(array, list));
  });
}

/** Whether this is Node's own array of lists: it grows with every duration that is in use, and keeps its length in some versions. */
export function isTimerQueue(array: readonly unknown[]): boolean {
  return array === queue;
}

/** Undefined where the queue is not known. */
export function queuedTimers(): TimerLike[] | undefined {
  const timers: TimerLike[] = [];
  let isKnown = false;
  withOwnList((own) => {
    if (!queue) return;
    isKnown = includes(queue, own);
    for (const list of copyOf(queue)) {
      // one by one: there may be more than fit as arguments on a stack
      if (list !== own && isLinked(list))
        for (const timer of membersOf(list)) timers.push(timer as TimerLike);
    }
  });
  return isKnown ? timers : undefined;
}

/** What `set` gives, and the timer that it sets for so long: Node keeps those of one duration in the order in which they were set. */
export function timerSetBy<T>(duration: number, set: () => T): { result: T; timer: object | undefined } {
  return withOwnTimer(duration, (own) => {
    const result = set();
    const newer = own._idlePrev;
    // the newest leads back to its list
    return { result, timer: newer && '_onTimeout' in newer ? newer : undefined };
  });
}

/** Those that wait for the next turn of the loop and, by the one that has just run, for the rest of this one. */
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

/** A timer of ours that is set only for this moment. */
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
