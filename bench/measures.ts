import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { concurrently } from '../harness/lab/concurrently.ts';

const HOST = '127.0.0.1';

async function open(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: HOST, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** MB/s that `connections` read together in `ms`. */
export async function bulk(port: number, connections: number, ms = 1000): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  let bytes = 0;
  for (const socket of sockets) socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  // the first reads are warm-up
  await delay(ms / 5);
  bytes = 0;
  const start = performance.now();
  await delay(ms);
  const rate = bytes / 1e6 / ((performance.now() - start) / 1000);
  for (const socket of sockets) socket.destroy();
  return rate;
}

/** Connections per second, opened, used for one byte there and back, and closed, 50 at once. */
export async function connectionsPerSecond(port: number, count = 2000): Promise<number> {
  const one = async (): Promise<void> => {
    const socket = await open(port);
    socket.write('x');
    await once(socket, 'data');
    socket.end();
    await once(socket, 'close');
  };
  const all = Array.from({ length: count }, () => undefined);
  await concurrently(50, all.slice(0, 200), one);
  const start = performance.now();
  await concurrently(50, all, one);
  return count / ((performance.now() - start) / 1000);
}

/** Round trips of one byte, in ms, sorted. */
export async function roundTrips(port: number, count: number): Promise<number[]> {
  const socket = await open(port);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    socket.write('x');
    await once(socket, 'data');
    times.push(performance.now() - start);
  }
  socket.destroy();
  return times.toSorted((a, b) => a - b);
}

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

/** Holds `count` idle connections, each of which is through to the upstream, until it is released. */
export async function holdIdle(port: number, count: number): Promise<() => Promise<void>> {
  const sockets: net.Socket[] = [];
  const one = async (): Promise<void> => {
    const socket = await open(port);
    sockets.push(socket);
    socket.write('x');
    await once(socket, 'data');
  };
  await concurrently(
    50,
    Array.from({ length: count }, () => undefined),
    one,
  );
  return async () => {
    await Promise.all(
      sockets.map(async (socket) => {
        socket.end();
        await once(socket, 'close');
      }),
    );
  };
}

/** MB that 1,000 idle connections add to a process's resident memory. */
export async function idleMemory(port: number, pid: number): Promise<number> {
  const before = residentMegabytes(pid);
  const sockets: net.Socket[] = [];
  for (let i = 0; i < 1000; i++) sockets.push(await open(port));
  // until the server has its side of all of them: the last one answers
  const last = sockets.at(-1);
  last?.write('x');
  if (last) await once(last, 'data');
  const grown = residentMegabytes(pid) - before;
  for (const socket of sockets) socket.destroy();
  return grown;
}

function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes ?? 0) / 1000;
}

/** The value below which `share` of a sorted list lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
