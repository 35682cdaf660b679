import { readFileSync } from 'node:fs';

/**
 * How long these processes were ready to run and got no processor, in ms since they began. On a busy machine that time is
 * neither the target's fault nor ours, so bounds do not count it. 0 where the system does not tell.
 *
 * The second field of /proc/PID/schedstat, in ns (Linux, Documentation/scheduler/sched-stats.rst).
 */
export function starvedFor(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + waited(pid), 0);
}

function waited(pid: number): number {
  try {
    const [, delay] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return Number(delay ?? 0) / 1e6;
  } catch {
    // no /proc, a kernel without schedstats, or the process is gone
    return 0;
  }
}
