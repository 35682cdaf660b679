import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

import { processTree } from './process-tree.ts';

/** A JVM's first heap is 1/64 of the machine's memory unless it is told otherwise, and it may take as much again before it is content. */
const SHARE_OF_JVM = 32;

/**
 * KiB that the collectors of the target's runtimes may let lie about before they collect at all; 0 where none is known for that. A JVM fills its
 * first heap with garbage, and the kernel counts each page of it from the first touch on.
 *
 * Source: HotSpot Virtual Machine Garbage Collection Tuning Guide, "Ergonomics".
 */
export function collectorAllowance(pid: number): number {
  const jvms = processTree(pid, { wholeSession: false }).filter((one) => isJvm(mapsOf(one.pid)));
  return (jvms.length * totalmem()) / SHARE_OF_JVM / 1024;
}

/** @param maps /proc/PID/maps */
export function isJvm(maps: string): boolean {
  return /\/libjvm\.so$/m.test(maps);
}

/** Empty where it is gone, or not ours to read. */
function mapsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'latin1');
  } catch {
    return '';
  }
}
