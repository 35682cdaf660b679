/**
 * Built-in exclusions: things that are there after the traffic and were not before, and that no program is to blame for. Each predicate
 * is one exclusion, with its reason; a target file adds its own with `ignore`.
 */
import { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import net from 'node:net';
import { MessagePort, Worker } from 'node:worker_threads';
import { copyOf, hostProcess } from './base/built-ins.ts';
import { className } from './base/listeners.ts';
import { insideOf } from './base/socket-inside.ts';
import { isTimerQueue } from './hooks/timer-queue.ts';

/** Name of the function in Node that kills a child process after its `timeout`. */
const DELAYED_KILL = 'delayedKill';

/** Links of the descriptor that libuv keeps in reserve for EMFILE: /dev/null at first, / after its first use (uv__emfile_trick). */
const RESERVE: ReadonlySet<string> = new Set(['/', '/dev/null']);

/** Terminal or stdio pipe of the program, which the first `console.log` opens: it is no connection. */
export function isStdio(socket: net.Socket): boolean {
  const { _handle, _isStdio } = insideOf(socket);
  return _isStdio === true || (_handle?.fd !== undefined && _handle.fd >= 0 && _handle.fd <= 2);
}

/** Standard stream, to which workers and child processes are piped: listeners without a line of the program belong to those handles. */
export function isStandardStream(emitter: object): boolean {
  if (emitter instanceof net.Socket) return isStdio(emitter);
  const { fd } = emitter as { fd?: unknown };
  return className(emitter) === 'SyncWriteStream' && (fd === 1 || fd === 2);
}

/** Pipes of a live child process: they end with it, and it is reported itself. */
export function pipesOfChild(handle: object): object[] {
  if (!(handle instanceof ChildProcess) || !Array.isArray(handle.stdio)) return [];
  return copyOf<object | null | undefined>(handle.stdio).filter(
    (pipe) => pipe !== null && pipe !== undefined,
  );
}

/** Ports by which Node talks to worker threads: they end with the thread, and it is reported itself. */
export function portsOfThreads(emitters: readonly EventEmitter[]): Set<unknown> {
  const threads = emitters.filter((emitter) => emitter instanceof Worker);
  const kept = threads.flatMap((thread) =>
    Object.getOwnPropertySymbols(thread).map((key) => Reflect.get(thread, key) as unknown),
  );
  return new Set(kept.filter((one) => one instanceof MessagePort));
}

/** Time-out of a child process (`timeout` of `spawn`): it ends with the child, and that is reported itself. */
export function isTimeoutOfChild(callbackName: string | undefined): boolean {
  return callbackName === DELAYED_KILL;
}

/** Timer whose callback has an emitter as `this`, or from Node 24 on as its argument: idle time-outs and checks end with their owner. */
export function isTimerOfOwner(boundThis: unknown, args: readonly unknown[] = []): boolean {
  return boundThis instanceof EventEmitter || args[0] instanceof EventEmitter;
}

/** Single timer with a callback of Node's: the clock of the Date header, the clock of fetch. Those of a leak come in numbers. */
export function isClockOfNode(callbackFile: string | undefined, count: number): boolean {
  return callbackFile !== undefined && count < 2;
}

/** Descriptor in reserve that libuv spends when the program has run out of them. */
export function isReserve(link: string): boolean {
  return RESERVE.has(link);
}

/** Arrays in which emitters keep several listeners of one event: listeners are counted, not these. */
export function listenerArrays(emitters: readonly EventEmitter[]): Set<unknown> {
  const arrays = new Set<unknown>();
  for (const emitter of emitters) {
    const events = (emitter as { _events?: Record<string | symbol, unknown> })._events;
    if (!events) continue;
    for (const event of Reflect.ownKeys(events)) if (Array.isArray(events[event])) arrays.add(events[event]);
  }
  return arrays;
}

/** Array of Node's own: its queue of timers, names of modules loaded late, the free list of HTTP parsers, which grows with concurrency. */
export function isArrayOfNode(array: readonly unknown[]): boolean {
  if (isTimerQueue(array)) return true;
  if (array === Reflect.get(hostProcess, 'moduleLoadList')) return true;
  const last = array[array.length - 1];
  return typeof last === 'object' && last !== null && className(last) === 'HTTPParser';
}
