import { readFileSync } from 'node:fs';

import { readProcess } from '../probe/outside/process-tree.ts';

/** State of a process that does not answer, as the kernel tells it; empty where the system does not tell. */
export function stateInWords(pid: number): string {
  switch (readProcess(pid)?.state) {
    case 'R':
      return 'its main thread runs without coming back to its event loop';
    case 'T':
    case 't':
      return 'its process is stopped, as by SIGSTOP or a debugger';
    case 'S':
    case 'D':
      return waiting(read(`/proc/${pid}/wchan`));
    default:
      return '';
  }
}

function waiting(where: string): string {
  if (/^(?:ep_|do_epoll|poll_|do_poll)/.test(where))
    return 'its main thread waits in a synchronous function, as execSync, or for a debugger';
  if (where.startsWith('futex')) return 'its main thread waits for another thread, as in Atomics.wait';
  const known = where === '' || where === '0' ? '' : ` (${where})`;
  return `its main thread is blocked in a system call${known}, as by a synchronous function`;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // not on this system, or the process is gone
    return '';
  }
}
