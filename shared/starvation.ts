import { readFileSync } from 'node:fs';

/**
 * Time (ms) for which a process was ready to run and got no processor, since its start; 0 if the system does not tell.
 *
 * The second field of /proc/PID/schedstat, in ns (Linux, Documentation/scheduler/sched-stats.rst).
 */
export function starvedFor(pid: number): number {
  try {
    const [, delay] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return Number(delay ?? 0) / 1e6;
  } catch {
    // no /proc, a kernel without schedstats, or the process is gone
    return 0;
  }
}
