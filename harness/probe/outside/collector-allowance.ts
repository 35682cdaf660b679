import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

import { processTree } from './process-tree.ts';

/** Share of the machine's memory that a JVM may fill before it collects: its first heap is 1/64 unless told otherwise, and may double. */
const SHARE_OF_JVM = 32;

/**
 * Garbage (KiB) that the collectors of the target's runtimes may accumulate before they collect at all; 0 if none is known. A JVM fills
 * its first heap with garbage, and the kernel counts each page of it from the first touch on.
 *
 * Source: HotSpot Virtual Machine Garbage Collection Tuning Guide, "Ergonomics".
 */
export function collectorAllowance(pid: number): number {
  const jvms = processTree(pid, { wholeSession: false }).filter((one) => isJvm(mapsOf(one.pid)));
  return (jvms.length * totalmem()) / SHARE_OF_JVM / 1024;
}

/** Whether a process runs a JVM. @param maps content of /proc/PID/maps */
export function isJvm(maps: string): boolean {
  return /\/libjvm\.so$/m.test(maps);
}

/** Content of /proc/PID/maps; empty if the process is gone or may not be read. */
function mapsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'latin1');
  } catch {
    return '';
  }
}
