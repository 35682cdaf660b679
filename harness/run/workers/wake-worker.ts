import { readFileSync } from 'node:fs';

import { trySignal } from '../../../shared/try-signal.ts';
import { processTree } from '../../probe/outside/process-tree.ts';

/** Name of the worker's program on its command line. */
const PROGRAM = 'worker-main.js';

/**
 * Continues a worker that was stopped: a target can do that by a signal to its parent. True where a worker was stopped.
 *
 * @param pid of the command that became the worker, or started it in namespaces of its own
 */
export function wakeWorker(pid: number): boolean {
  let woken = false;
  for (const one of processTree(pid, { wholeSession: false })) {
    if (one.state !== 'T' || !isWorker(one.pid)) continue;
    if (trySignal(one.pid, 'SIGCONT')) woken = true;
  }
  return woken;
}

/** Process id of the worker itself; undefined if it is gone. @param pid of the command that became it, or started it */
export function workerPid(pid: number): number | undefined {
  // the commands that lead to it have its program in their arguments, too, and come before it
  return processTree(pid, { wholeSession: false }).findLast((one) => isWorker(one.pid))?.pid;
}

function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(PROGRAM);
  } catch {
    return false;
  }
}
