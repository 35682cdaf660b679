import { readFileSync } from 'node:fs';

/** Bytes of a process's resident memory (VmRSS of proc(5)). */
export function residentBytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? Number.NaN) * 1024;
}

/** In ms from its start, all threads, in steps of 10 (utime and stime of proc(5)). */
export function cpuTime(pid: number): number {
  // the second field, the program's name, may hold anything
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** How many descriptors a Node process of ours can open: Node raises its soft limit to the hard one. */
export function descriptorLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}
