import { readFileSync } from 'node:fs';

const LISTEN = '0A';

/**
 * How many connections the kernel has established for the process's listener on `port` that the process has not accepted yet;
 * `undefined` where there is no /proc. For a listening socket the `rx_queue` column is the length of its accept queue
 * (Linux, net/ipv4/tcp_ipv4.c, get_tcp4_sock).
 */
export function acceptQueue(pid: number, port: number): number | undefined {
  return queues(pid, port)?.reduce((sum, waiting) => sum + waiting, 0);
}

/** Whether anybody on the process's network listens on `port`, seen without connecting; `undefined` where there is no /proc. */
export function isListening(pid: number, port: number): boolean | undefined {
  const found = queues(pid, port);
  return found && found.length > 0;
}

/** The accept queue of each listener on `port`. */
function queues(pid: number, port: number): number[] | undefined {
  const tables = ['tcp', 'tcp6'].map((table) => readTable(`/proc/${pid}/net/${table}`));
  if (tables.every((table) => table === undefined)) return undefined;
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return tables
    .flatMap((table) => table ?? [])
    .flatMap((line) => {
      const [, local, , state, sizes] = line.trim().split(/\s+/);
      if (state !== LISTEN || !local?.endsWith(suffix)) return [];
      return [Number.parseInt(sizes?.split(':')[1] ?? '0', 16)];
    });
}

function readTable(file: string): string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1);
  } catch {
    // no /proc here, or the process is gone
    return undefined;
  }
}
