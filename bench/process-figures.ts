import { readdirSync, readFileSync } from 'node:fs';

/** Bytes of a process's resident memory (VmRSS of proc(5)). */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}

/** In ms, of the threads that it has now: the first field of each one's `schedstat`, in ns (proc(5)). */
export function cpuTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((thread) =>
    Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** Number of descriptors that a Node process can open: Node raises its soft limit to the hard one. */
export function descriptorLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}
