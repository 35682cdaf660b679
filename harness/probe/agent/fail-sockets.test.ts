import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Fixture, startFixture } from '../fixtures/start-fixture.ts';

const DEADLINE = 10_000;

let fixture: Fixture;
let upstreamPort: number;
let clients: net.Socket[];

beforeEach(async () => {
  clients = [];
  fixture = await startFixture('errors-seen.mjs');
  const counters = Object.keys((await fixture.probe.sample()).counters);
  upstreamPort = Number(counters.find((name) => name.startsWith('upstream '))?.slice('upstream '.length));
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await fixture.stop();
});

async function connectClient(): Promise<net.Socket> {
  const client = net.connect(fixture.port, '127.0.0.1');
  clients.push(client);
  client.on('error', () => undefined);
  await once(client, 'connect');
  return client;
}

/** Waits until the fixture has counted this many errors of a kind. */
async function counted(what: string, count: number): Promise<void> {
  const end = performance.now() + DEADLINE;
  for (;;) {
    const { counters } = await fixture.probe.sample();
    if (counters[what] === count) return;
    if (performance.now() > end) throw new Error(`no ${count} × ${what}: ${JSON.stringify(counters)}`);
    await pause(5);
  }
}

test('sockets that are connected get the error, on the side that is meant only', async () => {
  for (let index = 0; index < 3; index++) await connectClient();
  const order = { side: 'incoming', port: fixture.port, phase: 'connected', syscall: 'read' } as const;
  // a client is connected before the program has accepted it
  const takeBack = await fixture.probe.fail({ ...order, lasting: true, code: 'ETIMEDOUT' });
  await counted('incoming ETIMEDOUT read', 3);
  await takeBack();
  expect(Object.keys((await fixture.probe.sample()).counters)).not.toContain('outgoing ETIMEDOUT read');
});

test('while an order lasts, a client that is accepted late gets it, too', async () => {
  const order = { side: 'incoming', port: fixture.port, phase: 'connected', syscall: 'read' } as const;
  const takeBack = await fixture.probe.fail({ ...order, lasting: true, code: 'ETIMEDOUT' });
  for (let index = 0; index < 3; index++) await once(await connectClient(), 'close');
  await counted('incoming ETIMEDOUT read', 3);
  await takeBack();
  const client = await connectClient();
  client.end('x');
  await once(client, 'close');
  await counted('incoming ETIMEDOUT read', 3);
});

test('while an order lasts, a connect gets the code that the kernel has for a connect', async () => {
  const order = { side: 'outgoing', port: upstreamPort, phase: 'connected', syscall: 'read' } as const;
  const takeBack = await fixture.probe.fail({ ...order, lasting: true, code: 'ECONNRESET' });
  for (let index = 0; index < 3; index++) await once(await connectClient(), 'close');
  await counted('outgoing ECONNREFUSED connect', 3);
  await takeBack();
});

test('a connect that is under way gets the error once it has come about', async () => {
  await counted('connecting', 0);
  fixture.child.kill('SIGUSR2');
  await counted('holds connects', 1);
  const order = { side: 'outgoing', port: upstreamPort, phase: 'connected', syscall: 'read' } as const;
  await connectClient();
  await connectClient();
  await counted('connecting', 2);
  const takeBack = await fixture.probe.fail({ ...order, code: 'ECONNABORTED' });
  fixture.child.kill('SIGUSR2');
  await Promise.all(clients.map((client) => once(client, 'close')));
  await counted('outgoing ECONNABORTED read', 2);
  await takeBack();
});

test('nothing to throw at is an error, never silence', async () => {
  const order = { side: 'outgoing', port: 1, phase: 'connected', code: 'EACCES', syscall: 'read' } as const;
  const takeBack = await fixture.probe.fail(order);
  await expect(takeBack()).rejects.toThrow(/had no connected outgoing socket to throw EACCES at/);
});

test('each socket that connects gets the error until the order is taken back', async () => {
  const order = { side: 'outgoing', port: upstreamPort, phase: 'connecting', syscall: 'connect' } as const;
  const takeBack = await fixture.probe.fail({ ...order, code: 'EHOSTUNREACH' });
  for (let index = 0; index < 3; index++) await once(await connectClient(), 'close');
  await counted('outgoing EHOSTUNREACH connect', 3);
  await takeBack();
  const client = await connectClient();
  client.end('x');
  await once(client, 'close');
  await counted('outgoing EHOSTUNREACH connect', 3);
});
