/**
 * Threads and Node programs that this process has started. Each has a probe of its own, which says hello once it is up; until then nobody
 * sees into it.
 */
import { ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { Started } from '../../protocol.ts';
import { copyOf } from '../base/built-ins.ts';
import { PRELOAD } from './pass-on.ts';
import { WeakList } from '../base/weak-list.ts';

const started = new WeakList<ChildProcess | Worker>();
/** Threads without a preloaded probe: their source is text, or they have a command line of their own. */
const silent = new WeakSet<object>();

/** Records a spawned process; whether it is Node is checked only on demand, since programs may spawn one for each connection. */
export function noteChild(child: object): void {
  if (child instanceof ChildProcess) started.add(child);
}

/** Records a created thread with its arguments. */
export function noteThread(thread: Worker, given: ArrayLike<unknown>): void {
  const { eval: isText, execArgv } = (given[1] ?? {}) as { eval?: unknown; execArgv?: unknown };
  const isPreloaded =
    execArgv === undefined ||
    (Array.isArray(execArgv) && copyOf(execArgv as unknown[]).some((one) => String(one).includes(PRELOAD)));
  if (isText === true || !isPreloaded) silent.add(thread);
  started.add(thread);
}

/** Started threads and processes that have not ended. Programs other than Node are seen from outside only. */
export function stillThere(): Started[] {
  return started.alive().flatMap((one): Started[] => {
    if (!(one instanceof ChildProcess)) {
      const { threadId: thread } = one;
      return thread > 0 ? [{ pid: process.pid, thread, greets: !silent.has(one) }] : [];
    }
    const { pid, exitCode, signalCode, spawnfile } = one;
    const isThere = pid !== undefined && exitCode === null && signalCode === null;
    return isThere && isNode(spawnfile) ? [{ pid, thread: 0, greets: true }] : [];
  });
}

/** Whether asynchronous reads are in progress: the greeting comes before the program is loaded. */
export function readsFiles(): boolean {
  return process.getActiveResourcesInfo().some((type) => type.startsWith('FSReq'));
}

function isNode(file: string): boolean {
  if (path.basename(file) === path.basename(process.execPath)) return true;
  try {
    return realpathSync(file) === realpathSync(process.execPath);
  } catch {
    // found along PATH under another name
    return false;
  }
}
