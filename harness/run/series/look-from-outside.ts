import { readdirSync, readFileSync } from 'node:fs';

import type { Counts } from '../../journal/entry.ts';

/**
 * Looks at processes through /proc: it costs them nothing, they are not even woken. Those that are gone, or may not be read, count nothing;
 * undefined if that holds for all.
 */
export function lookFromOutside(pids: readonly number[]): Counts | undefined {
  let descriptors = 0;
  let rss = 0;
  let isAnySeen = false;
  for (const pid of pids) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      descriptors += readdirSync(`/proc/${pid}/fd`).length;
      rss += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
      isAnySeen = true;
    } catch {
      // gone, or not ours to read
    }
  }
  return isAnySeen ? { descriptors, rss } : undefined;
}
