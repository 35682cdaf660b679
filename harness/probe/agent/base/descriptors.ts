/**
 * Open file descriptors of this process, read from /proc; empty on systems without it.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { keepOut } from './own.ts';

export type Descriptors = ReadonlyMap<number, string>;
export type DescriptorKind = 'socket' | 'pipe' | 'file' | 'anon' | 'other';

let ownSocket: () => number | undefined = () => undefined;

/** Registers a function that returns the probe's own descriptor, which is left out. */
export function leaveOutDescriptor(of: () => number | undefined): void {
  ownSocket = of;
}

/** Target of each open descriptor, by its number. */
export function readDescriptors(): Descriptors {
  const found = keepOut(new Map<number, string>());
  let names: string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return found;
  }
  const own = ownSocket();
  for (const name of names) {
    const fd = Number(name);
    if (fd === own) continue;
    try {
      const link = readlinkSync(`/proc/self/fd/${name}`);
      // descriptor of the same listing by the probe of another thread
      if (link !== `/proc/${process.pid}/fd`) found.set(fd, link);
    } catch {
      // descriptor of the listing itself, closed by now
    }
  }
  return found;
}

/** Number of descriptors by target. */
export function countByLink(descriptors: Descriptors): Map<string, number> {
  const counts = new Map<string, number>();
  for (const link of descriptors.values()) counts.set(link, (counts.get(link) ?? 0) + 1);
  return counts;
}

export function kindOf(link: string): DescriptorKind {
  if (link.startsWith('socket:')) return 'socket';
  if (link.startsWith('pipe:')) return 'pipe';
  if (link.startsWith('anon_inode:')) return 'anon';
  // libuv keeps one descriptor in reserve for EMFILE: /dev/null at first, / after its first use
  if (link === '/' || link.startsWith('/dev/')) return 'other';
  return link.startsWith('/') ? 'file' : 'other';
}
