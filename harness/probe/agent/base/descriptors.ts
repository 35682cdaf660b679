/**
 * Open file descriptors of this process, read from /proc; nothing where there is none.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { keepOut } from './own.ts';

export type Descriptors = ReadonlyMap<number, string>;
export type DescriptorKind = 'socket' | 'pipe' | 'file' | 'anon' | 'other';

let ownSocket: () => number | undefined = () => undefined;

/** Tells which descriptor is the probe's own. */
export function leaveOutDescriptor(of: () => number | undefined): void {
  ownSocket = of;
}

/** Descriptor → what it is open on. */
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
      // the listing of a probe in another thread, which looks at the same moment
      if (link !== `/proc/${process.pid}/fd`) found.set(fd, link);
    } catch {
      // it was the descriptor of the listing itself
    }
  }
  return found;
}

/** How many descriptors are open on each thing. */
export function countByLink(descriptors: Descriptors): Map<string, number> {
  const counts = new Map<string, number>();
  for (const link of descriptors.values()) counts.set(link, (counts.get(link) ?? 0) + 1);
  return counts;
}

export function kindOf(link: string): DescriptorKind {
  if (link.startsWith('socket:')) return 'socket';
  if (link.startsWith('pipe:')) return 'pipe';
  if (link.startsWith('anon_inode:')) return 'anon';
  // libuv keeps one descriptor in reserve for EMFILE: /dev/null at first, / from the first time that it was used
  if (link === '/' || link.startsWith('/dev/')) return 'other';
  return link.startsWith('/') ? 'file' : 'other';
}
