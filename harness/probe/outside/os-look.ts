import { readdirSync, readlinkSync } from 'node:fs';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { type OsProcess, processTree, type TreeOptions } from './process-tree.ts';

export type OsDescriptor = { pid: number; fd: number; link: string };

/** Resources that the kernel holds for a target and the processes that it started. */
export type OsLook = {
  processes: OsProcess[];
  /** descriptors; those that a child inherited from the target count once, for the target */
  descriptors: OsDescriptor[];
  /** processes whose descriptors may not be read */
  hidden: OsProcess[];
};

/**
 * Looks at a process through /proc.
 *
 * @throws LastfinError `LASTFIN_PROBE` when the process is gone
 */
export function lookAt(pid: number, options: TreeOptions): OsLook {
  const processes = processTree(pid, options);
  if (processes.length === 0) {
    throw new LastfinError('LASTFIN_PROBE', `process ${pid} is gone`, { facts: { pid } });
  }
  const look: OsLook = { processes, descriptors: [], hidden: [] };
  let inherited = new Set<string>();
  for (const one of processes) {
    // a zombie has no descriptors
    const own = one.state === 'Z' ? [] : descriptorsOf(one.pid);
    if (own === undefined) look.hidden.push(one);
    else look.descriptors.push(...own.filter(({ link }) => !inherited.has(link)));
    if (one.pid === pid) inherited = new Set(own?.map(({ link }) => link));
  }
  return look;
}

/** Descriptors of a process; undefined if they may not be read, empty for a process that has ended. */
function descriptorsOf(pid: number): OsDescriptor[] | undefined {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? undefined : [];
  }
  return names.flatMap((name) => {
    try {
      return { pid, fd: Number(name), link: readlinkSync(`/proc/${pid}/fd/${name}`) };
    } catch {
      return []; // closed while we looked
    }
  });
}

/** Inode of a socket's descriptor. */
export function inodeOf(link: string): number | undefined {
  const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
  return inode === undefined ? undefined : Number(inode);
}
