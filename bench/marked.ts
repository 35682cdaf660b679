import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Variable in the environment of a run that all its processes inherit. */
export const MARK = 'LASTFIN_KILL_MARK';

/** Processes with this mark in their environment; those that have ended and wait for their parent left out. */
export function markedBy(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => read(`/proc/${pid}/environ`).includes(`${MARK}=${mark}`));
}

/** The command line of a process; empty when it is gone. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** Network namespaces of these processes that are not ours. */
export function namespacesBut(pids: readonly number[]): string[] {
  const ours = namespaceOf(process.pid);
  return [...new Set(pids.map(namespaceOf))].filter((one) => one !== '' && one !== ours);
}

function namespaceOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    // it has ended
    return '';
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // it has ended in the meantime, or is not ours
    return '';
  }
}
