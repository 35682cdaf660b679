/**
 * What the kernel says of a process, read from outside through /proc: works for targets in any language.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';

/** A TCP socket of the process. */
export type TcpRow = { family: 4 | 6; state: TcpState; local: string; remote: string; inode: number };

export type OsSample =
  | {
      available: true;
      /** TCP sockets by state */
      tcp: Partial<Record<TcpState, number>>;
      rows: TcpRow[];
      /** open descriptors, all kinds */
      fds: number;
    }
  | { available: false; why: string };

const STATES = {
  '01': 'ESTABLISHED',
  '02': 'SYN_SENT',
  '03': 'SYN_RECV',
  '04': 'FIN_WAIT1',
  '05': 'FIN_WAIT2',
  '06': 'TIME_WAIT',
  '07': 'CLOSE',
  '08': 'CLOSE_WAIT',
  '09': 'LAST_ACK',
  '0A': 'LISTEN',
  '0B': 'CLOSING',
  '0C': 'NEW_SYN_RECV',
} as const;

export type TcpState = (typeof STATES)[keyof typeof STATES];

/**
 * Reads descriptors and TCP states of one process. Never throws: where there is no /proc, the process is gone or belongs
 * to someone else, the answer says so. Sockets that the process closed (TIME_WAIT, FIN_WAIT2 …) belong to no process
 * and are not counted.
 */
export async function readOsSample(pid: number): Promise<OsSample> {
  if (process.platform !== 'linux') return { available: false, why: `no /proc on ${process.platform}` };
  let fds: string[];
  try {
    fds = await readdir(`/proc/${pid}/fd`);
  } catch (error) {
    return { available: false, why: reason(pid, error) };
  }
  const inodes = new Set<number>();
  await Promise.all(
    fds.map(async (fd) => {
      // a descriptor may close while we look
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      if (inode) inodes.add(Number(inode));
    }),
  );
  const byInode = new Map<number, TcpRow>();
  for (const [file, family] of [
    ['tcp', 4],
    ['tcp6', 6],
  ] as const) {
    // the kernel may list a row twice while the table changes under the reader
    for (const row of await readTable(pid, file, family))
      if (inodes.has(row.inode)) byInode.set(row.inode, row);
  }
  const rows = [...byInode.values()];
  const tcp: Partial<Record<TcpState, number>> = {};
  for (const { state } of rows) tcp[state] = (tcp[state] ?? 0) + 1;
  return { available: true, tcp, rows, fds: fds.length };
}

async function readTable(pid: number, file: string, family: 4 | 6): Promise<TcpRow[]> {
  // no tcp6 where IPv6 is off
  const text = await readFile(`/proc/${pid}/net/${file}`, 'latin1').catch(() => '');
  const rows: TcpRow[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
    const named = STATES[state as keyof typeof STATES];
    if (!local || !remote || !named || !inode) continue;
    rows.push({ family, state: named, local: address(local), remote: address(remote), inode: Number(inode) });
  }
  return rows;
}

/** `0100007F:1F90` → `127.0.0.1:8080`: each 32-bit word is in the machine's byte order (little-endian). */
function address(hex: string): string {
  const [host = '', port = ''] = hex.split(':');
  const bytes = (host.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed());
  const portNumber = Number.parseInt(port, 16);
  if (bytes.length === 4) return `${bytes.map((byte) => Number.parseInt(byte, 16)).join('.')}:${portNumber}`;
  const groups = Array.from({ length: 8 }, (_, i) =>
    Number.parseInt(`${bytes[2 * i]}${bytes[2 * i + 1]}`, 16).toString(16),
  );
  return `[${new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)}]:${portNumber}`;
}

function reason(pid: number, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ESRCH') return `process ${pid} is gone, or there is no /proc`;
  if (code === 'EACCES' || code === 'EPERM') return `no right to read /proc/${pid}`;
  return `cannot read /proc/${pid}: ${String(code)}`;
}
