import { closeSync, openSync, readSync } from 'node:fs';

const LISTEN = '0A';
const CHUNK = Buffer.alloc(4096);

/**
 * Number of connections that the kernel has established for the process's listener on `port` and the process has not accepted yet;
 * `undefined` without /proc. For a listening socket the `rx_queue` column is the length of its accept queue
 * (Linux, net/ipv4/tcp_ipv4.c, get_tcp4_sock).
 */
export function acceptQueue(pid: number, port: number): number | undefined {
  return queues(pid, port)?.reduce((sum, waiting) => sum + waiting, 0);
}

/** Whether anybody on the process's network listens on `port`, found without connecting; `undefined` without /proc. */
export function isListening(pid: number, port: number): boolean | undefined {
  const found = queues(pid, port);
  return found && found.length > 0;
}

/** Whether a listener of the process's network accepts IPv6 on `port`; `undefined` without /proc. */
export function isListeningOnIpv6(pid: number, port: number): boolean | undefined {
  if (isListening(pid, port) === undefined) return undefined;
  return listenersOn(readListeners(`/proc/${pid}/net/tcp6`) ?? [], port).length > 0;
}

/** Lengths of the accept queues of all listeners on `port`. */
function queues(pid: number, port: number): number[] | undefined {
  const tables = ['tcp', 'tcp6'].map((table) => readListeners(`/proc/${pid}/net/${table}`));
  if (tables.every((table) => table === undefined)) return undefined;
  return listenersOn(
    tables.flatMap((table) => table ?? []),
    port,
  ).map(({ sizes }) => Number.parseInt(sizes.split(':')[1] ?? '0', 16));
}

function listenersOn(rows: readonly Row[], port: number): Row[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return rows.filter(({ local }) => local.endsWith(suffix));
}

type Row = { local: string; state: string; sizes: string };

/**
 * Reads the rows of listeners. The kernel lists them first (`tcp_get_idx`), so that thousands of connections in TIME_WAIT need not be
 * read. `undefined`: no /proc here, or the process is gone.
 */
function readListeners(file: string): Row[] | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    let text = '';
    for (;;) {
      const length = readSync(fd, CHUNK);
      text += CHUNK.toString('latin1', 0, length);
      const rows = text.slice(0, text.lastIndexOf('\n')).split('\n').slice(1).map(readRow);
      if (length === 0 || rows.some(({ state }) => state !== LISTEN))
        return rows.filter(({ state }) => state === LISTEN);
    }
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readRow(line: string): Row {
  const [, local = '', , state = '', sizes = ''] = line.trim().split(/\s+/);
  return { local, state, sizes };
}
