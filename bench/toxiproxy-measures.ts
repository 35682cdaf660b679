import { once } from 'node:events';
import type net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { residentBytes } from './process-figures.ts';
import { open } from './tcp-load.ts';

/** KB/s (1 KB is 1000 bytes) over one connection, for `ms` after the first second. */
export async function steadyRate(port: number, ms = 2000): Promise<number> {
  const socket = await open(port);
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await delay(1000);
  bytes = 0;
  const start = performance.now();
  await delay(ms);
  const rate = bytes / 1000 / ((performance.now() - start) / 1000);
  socket.destroy();
  return rate;
}

/** MB that 1,000 idle connections add to a process's resident memory. */
export async function idleMemory(port: number, pid: number): Promise<number> {
  const before = residentBytes(pid);
  const sockets: net.Socket[] = [];
  for (let i = 0; i < 1000; i++) sockets.push(await open(port));
  // until the server has its side of all of them: the last one answers
  const last = sockets.at(-1);
  last?.write('x');
  if (last) await once(last, 'data');
  const grown = (residentBytes(pid) - before) / 1e6;
  for (const socket of sockets) socket.destroy();
  return grown;
}
