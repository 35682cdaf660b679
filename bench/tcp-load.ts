import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Opens one connection; rejects where it cannot. */
export async function open(
  port: number,
  where: { host?: string; localAddress?: string } = {},
): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, ...where });
  await once(socket, 'connect');
  return socket;
}

/** Tries until somebody accepts there; a deadline is the caller's. */
export async function untilAccepting(port: number): Promise<void> {
  for (;;) {
    try {
      return void (await open(port)).destroy();
    } catch {
      // nobody listens yet
      await delay(20);
    }
  }
}

/** MB/s that `connections` read together in `ms`. */
export async function bulk(
  port: number,
  connections: number,
  ms: number,
  host = '127.0.0.1',
): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port, { host })));
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

const CHUNK = Buffer.alloc(256 * 1024, 'x');

/** MB/s that `connections` write together in `ms`, once the kernel's buffers on the way are full. */
export async function push(port: number, connections: number, ms: number): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  for (const socket of sockets) {
    const more = (): void => {
      while (!socket.destroyed && socket.write(CHUNK));
    };
    socket.on('drain', more);
    more();
  }
  const taken = (): number =>
    sockets.reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
  await delay(ms / 5);
  const before = taken();
  const start = performance.now();
  await delay(ms);
  const rate = (taken() - before) / 1e6 / ((performance.now() - start) / 1000);
  for (const socket of sockets) socket.destroy();
  return rate;
}

/** How many connections were opened, used for one byte there and back and closed, `concurrency` at once, and in how many ms. */
export function churn(
  port: number,
  count: number,
  concurrency: number,
): Promise<{ connections: number; ms: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let opened = 0;
    let closed = 0;
    // callbacks, not promises: the load must cost less than what is measured
    const one = (): void => {
      if (opened === count) return;
      opened += 1;
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      socket.on('error', reject);
      socket.on('connect', () => void socket.write('x'));
      socket.on('data', () => void socket.end());
      socket.on('close', () => {
        closed += 1;
        if (closed === count) resolve({ connections: count, ms: performance.now() - start });
        else one();
      });
    };
    for (let lane = 0; lane < concurrency; lane++) one();
  });
}

/** Round trips of 64 bytes, in µs, sorted; to each port in turns of `block`, so that a noisy moment meets all of them. */
export async function roundTrips(ports: readonly number[], count: number, block = 20): Promise<number[][]> {
  const sockets = await Promise.all(ports.map((port) => open(port)));
  const times = sockets.map((): number[] => []);
  for (let done = 0; done < count; done += block) {
    for (const [index, socket] of sockets.entries()) {
      for (let trip = 0; trip < block; trip++) times[index]!.push(await roundTrip(socket));
    }
  }
  for (const socket of sockets) socket.destroy();
  return times.map((all) => all.toSorted((a, b) => a - b));
}

const MESSAGE = Buffer.alloc(64, 'x');

function roundTrip(socket: net.Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    let left = MESSAGE.length;
    const onData = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left > 0) return;
      const time = Number(process.hrtime.bigint() - start) / 1000;
      socket.off('data', onData);
      socket.off('error', reject);
      resolve(time);
    };
    socket.on('error', reject);
    socket.on('data', onData);
    socket.write(MESSAGE);
  });
}
