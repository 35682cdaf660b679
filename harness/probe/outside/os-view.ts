import { kindOf } from '../agent/base/descriptors.ts';
import { inodeOf, type OsDescriptor, type OsLook } from './os-look.ts';
import { type OsProcess, ownMemory, threadNames } from './process-tree.ts';
import { otherSockets, tcpByInode, type Endpoint, type TcpRow } from './tcp-table.ts';
import { sideOf, type TcpSide } from './tcp-words.ts';

/** TCP socket of the target. */
export type OpenTcp = {
  inode: number;
  side: TcpSide;
  /** last known row, kept for a connection that the kernel has dropped from its tables */
  row: TcpRow;
  gone: boolean;
  by: OsDescriptor;
};

/** Kernel resources that can leak, by kind. */
export type OsView = {
  processes: OsProcess[];
  tcp: OpenTcp[];
  /** descriptors other than TCP connections, by their target */
  descriptors: Map<string, OsDescriptor[]>;
  /** threads by the common part of their names */
  threads: Map<string, { count: number; name: string }>;
  /** memory, KiB */
  memory: number;
};

/**
 * Joins descriptors with the kernel's tables. `known` remembers the TCP sockets of earlier views, because the kernel forgets the
 * addresses of a connection that was reset while its descriptor is still open.
 */
export function viewOf(
  { processes, descriptors }: OsLook,
  at: { listen: Endpoint; upstream: Endpoint },
  known: Map<number, OpenTcp>,
): OsView {
  const root = processes[0]?.pid ?? 0;
  const table = tcpByInode(root);
  const kinds = otherSockets(root);
  const view: OsView = {
    processes,
    tcp: [],
    descriptors: new Map(),
    threads: threadsOf(processes),
    memory: processes.reduce((sum, { pid }) => sum + ownMemory(pid), 0),
  };
  const seen = new Set<number>();
  for (const by of descriptors) {
    const inode = inodeOf(by.link);
    // a socket may have several descriptors
    if (inode !== undefined && seen.has(inode)) continue;
    if (inode !== undefined) seen.add(inode);
    const tcp = inode === undefined ? undefined : openTcp(inode, table.get(inode), by, at, known);
    if (tcp !== undefined) view.tcp.push(tcp);
    else add(view.descriptors, whatItIs(by, kinds.get(inode ?? -1)), by);
  }
  known.clear();
  for (const one of view.tcp) known.set(one.inode, one);
  return view;
}

function openTcp(
  inode: number,
  row: TcpRow | undefined,
  by: OsDescriptor,
  at: { listen: Endpoint; upstream: Endpoint },
  known: Map<number, OpenTcp>,
): OpenTcp | undefined {
  if (row !== undefined) return { inode, row, by, side: sideOf(row, at), gone: false };
  const before = known.get(inode);
  return before === undefined ? undefined : { ...before, by, gone: true };
}

/** Kind of a descriptor, without the details that differ between connections. */
function whatItIs({ link }: OsDescriptor, socket: string | undefined): string {
  switch (kindOf(link)) {
    case 'socket':
      return socket ?? 'socket without a connection';
    case 'pipe':
      return 'pipe';
    case 'anon':
      return link.replace(/^anon_inode:\[?/, '').replace(/\]$/, '');
    case 'file':
      return 'file';
    default:
      return link.startsWith('/dev/') ? link.replaceAll(/\d+/g, 'N') : 'other';
  }
}

/** Threads by name without numbers, since many programs number them: `worker-17`. */
function threadsOf(processes: readonly OsProcess[]): OsView['threads'] {
  const threads: OsView['threads'] = new Map();
  // the first thread of each process is the process
  for (const { pid, threads: count } of processes) {
    if (count < 2) continue;
    for (const name of threadNames(pid).slice(1)) {
      const like = name.replaceAll(/\d+/g, 'N');
      threads.set(like, { name, count: (threads.get(like)?.count ?? 0) + 1 });
    }
  }
  return threads;
}

function add<T>(groups: Map<string, T[]>, name: string, one: T): void {
  const group = groups.get(name);
  if (group) group.push(one);
  else groups.set(name, [one]);
}
