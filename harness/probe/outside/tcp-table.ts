import { readFileSync } from 'node:fs';

/** TCP socket in the kernel's tables. */
export type TcpRow = {
  family: 4 | 6;
  state: TcpState;
  local: Endpoint;
  remote: Endpoint;
  inode: number;
};

export type Endpoint = { host: string; port: number };

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

/** Row of a TIME_WAIT socket: number, local and remote address, state. */
const IN_TIME_WAIT = /^ *\d+: \S+ \S+ 06 /;

export type TcpState = (typeof STATES)[keyof typeof STATES];

/**
 * TCP sockets, by inode, in the network namespace of a process, if some process still holds them. Sockets that their owner has closed
 * (TIME_WAIT, an orphaned FIN_WAIT2 …) have inode 0 and are left out; so are connections that nobody has accepted yet.
 *
 * Source: proc_net(5), Linux net/ipv4/tcp_ipv4.c (`get_tcp4_sock`).
 */
export function tcpByInode(pid: number): Map<number, TcpRow> {
  const byInode = new Map<number, TcpRow>();
  for (const [table, family] of [
    ['tcp', 4],
    ['tcp6', 6],
  ] as const) {
    // the kernel may list a row twice if the table changes during the read
    for (const row of readTcp(pid, table, family)) byInode.set(row.inode, row);
  }
  return byInode;
}

function readTcp(pid: number, table: string, family: 4 | 6): TcpRow[] {
  return readLines(pid, table).flatMap((line) => {
    // belongs to nobody, and there may be thousands
    if (IN_TIME_WAIT.test(line)) return [];
    const [, local, remote, state, , , , , , inode] = line.trim().split(/\s+/);
    const named = STATES[state as keyof typeof STATES];
    if (!local || !remote || !named || !inode || inode === '0') return [];
    return { family, state: named, local: endpoint(local), remote: endpoint(remote), inode: Number(inode) };
  });
}

/** Names of other kinds of socket by inode: `UDP socket`, `Unix socket` … */
export function otherSockets(pid: number): Map<number, string> {
  const kinds = new Map<number, string>();
  for (const [table, kind, column] of [
    ['udp', 'UDP socket', 9],
    ['udp6', 'UDP socket', 9],
    ['unix', 'Unix socket', 6],
    ['netlink', 'netlink socket', 9],
    ['raw', 'raw socket', 9],
  ] as const) {
    for (const line of readLines(pid, table)) kinds.set(Number(line.trim().split(/\s+/)[column]), kind);
  }
  return kinds;
}

function readLines(pid: number, table: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/net/${table}`, 'latin1').split('\n').slice(1).filter(Boolean);
  } catch {
    return []; // no tcp6 where IPv6 is off; the process may be gone
  }
}

/** Parses an address: `0100007F:1F90` → 127.0.0.1, 8080; each 32-bit word is in the machine's byte order (little-endian). */
function endpoint(hex: string): Endpoint {
  const [words = '', port = ''] = hex.split(':');
  const bytes = (words.match(/.{8}/g) ?? [])
    .flatMap((word) => (word.match(/../g) ?? []).toReversed())
    .map((byte) => Number.parseInt(byte, 16));
  return { host: bytes.length === 4 ? bytes.join('.') : ipv6(bytes), port: Number.parseInt(port, 16) };
}

function ipv6(bytes: readonly number[]): string {
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
