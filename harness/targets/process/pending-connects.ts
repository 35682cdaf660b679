import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Row of a socket in SYN_SENT: number, local address, remote address and port, state, queues, timer, retransmits, uid, timeout, inode. */
const IN_SYN_SENT = /^ *\d+: \S+ [\dA-F]+:([\dA-F]{4}) 02 \S+ \S+ \S+ +\d+ +\d+ (\d+)/gm;

/**
 * Counts the connects to `port` without an answer yet, in the network of process `pid`; `undefined` without /proc/PID/net/tcp. Only a
 * target connects to the port of its upstream, apart from this process, which fills the queue of a silent host.
 *
 * Source: proc_net(5), Linux include/net/tcp_states.h (`TCP_SYN_SENT`).
 */
export function pendingConnects(pid: number, port: number): number | undefined {
  const tables = ['tcp', 'tcp6'].map((table) => read(`/proc/${pid}/net/${table}`));
  if (tables.every((table) => table === undefined)) return undefined;
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const pending = tables
    .flatMap((table) => [...(table ?? '').matchAll(IN_SYN_SENT)])
    .flatMap(([, remote, inode]) => (remote === wanted && inode !== undefined ? [inode] : []));
  if (pending.length === 0) return 0;
  const own = ownSockets();
  return pending.filter((inode) => !own.has(inode)).length;
}

/** Inodes of the open sockets of this process. */
function ownSockets(): Set<string> {
  const inodes = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
    } catch {
      // closed since the folder was listed
      return [];
    }
  });
  return new Set(inodes);
}

/** `undefined`: no /proc here, IPv6 is off, or the process is gone. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
