import { afterEach, beforeEach, expect, test } from 'vitest';
import { openClient, received, startUpstream } from './testing/peers.ts';
import type { Peer, TestUpstream } from './testing/peers.ts';
import { startProxy } from './testing/proxy-under-test.ts';
import type { ProxyUnderTest } from './testing/proxy-under-test.ts';

/** Reasons of both sides where one of them resets. */
const RESET = {
  client: { incoming: 'econnreset', outgoing: 'closed_incoming' },
  server: { incoming: 'closed_outgoing', outgoing: 'econnreset' },
} as const;

let upstream: TestUpstream;
let target: ProxyUnderTest;

beforeEach(async () => {
  upstream = await startUpstream();
  target = await startProxy(upstream.port, { grace: 200 });
});

afterEach(async () => {
  await target.finish();
  await upstream.stop();
});

async function establish(): Promise<{ client: Peer; server: Peer }> {
  const client = await openClient(target.port);
  const server = await upstream.next();
  client.socket.write('ping');
  await received(server, 4);
  return { client, server };
}

test('the client closes first', async () => {
  const { client, server } = await establish();
  client.socket.end();
  await server.ended;
  server.socket.end('bye');
  expect(String(await client.ended)).toBe('bye');
  const [end] = await target.ends(1);
  expect(end).toMatchObject({ incoming: 'normal', outgoing: 'closed_incoming', remoteAddress: '127.0.0.1' });
  expect(end).toMatchObject({ bytesIn: 4, upstreamBytesOut: 4, upstreamBytesIn: 3, bytesOut: 3 });
});

test('the upstream closes first', async () => {
  const { client, server } = await establish();
  server.socket.end('bye');
  await client.ended;
  client.socket.end();
  expect((await target.ends(1))[0]).toMatchObject({ incoming: 'closed_outgoing', outgoing: 'normal' });
});

test.each(['client', 'server'] as const)('the %s resets', async (name) => {
  const peers = await establish();
  peers[name].socket.resetAndDestroy();
  await peers[name === 'client' ? 'server' : 'client'].ended;
  expect((await target.ends(1))[0]).toMatchObject(RESET[name]);
});

test.each(['client', 'server'] as const)(
  'the %s of each of 20 connections resets behind its last bytes',
  async (name) => {
    const all = await Promise.all(Array.from({ length: 20 }, establish));
    for (const peers of all) {
      peers[name].socket.write(Buffer.alloc(1000));
      peers[name].socket.resetAndDestroy();
    }
    for (const end of await target.ends(all.length)) expect(end).toMatchObject(RESET[name]);
  },
);

test('the second FIN closes both, and no byte before it is lost', async () => {
  const large = Buffer.alloc(8 * 1024 * 1024, 'x');
  const { client, server } = await establish();
  client.socket.pause();
  client.socket.end();
  await server.ended;
  server.socket.end(large);
  const other = await establish();
  other.server.socket.end('bye');
  expect(String(await other.client.ended)).toBe('bye');
  other.client.socket.end(large);
  expect(await other.server.ended).toHaveLength(4 + large.length);
  client.socket.resume();
  expect(await client.ended).toHaveLength(large.length);
  expect(await Promise.all([client.closed, other.server.closed])).toEqual([undefined, undefined]);
  const [first, second] = await target.ends(2);
  expect(first).toMatchObject({
    incoming: 'closed_outgoing',
    outgoing: 'normal',
    upstreamBytesOut: 4 + large.length,
  });
  expect(second).toMatchObject({ incoming: 'normal', outgoing: 'closed_incoming', bytesOut: large.length });
});

test('a client that resets after its FIN is a reset, as the next write to it tells', async () => {
  const { client, server } = await establish();
  client.socket.end();
  await server.ended;
  client.socket.resetAndDestroy();
  const feed = setInterval(() => server.socket.write(Buffer.alloc(1000)), 5);
  const [end] = await target.ends(1);
  clearInterval(feed);
  expect(end).toMatchObject({ incoming: 'econnreset', outgoing: 'closed_incoming' });
});

test('the upstream refuses', async () => {
  await upstream.stop();
  const client = await openClient(target.port);
  await client.ended;
  const [end] = await target.ends(1);
  expect(end).toMatchObject({ incoming: 'connection_refused', outgoing: 'connection_refused' });
  upstream = await startUpstream();
});

test('half-close: data goes on the other way, in both directions', async () => {
  const { client, server } = await establish();
  client.socket.end();
  await server.ended;
  const bytes = 3_000_000;
  server.socket.end(Buffer.alloc(bytes, 'x'));
  expect((await client.ended).length).toBe(bytes);

  const second = await establish();
  second.server.socket.end();
  await second.client.ended;
  second.client.socket.end(Buffer.alloc(bytes, 'y'));
  expect((await second.server.ended).length).toBe(bytes + 4);
  const [first, last] = await target.ends(2);
  expect(first).toMatchObject({ incoming: 'normal', bytesOut: bytes, upstreamBytesIn: bytes });
  expect(last).toMatchObject({ outgoing: 'normal', bytesIn: bytes + 4, upstreamBytesOut: bytes + 4 });
});

test('a slow reader gets its last bytes long after both FINs', async () => {
  const client = await openClient(target.port, { paused: true });
  const server = await upstream.next();
  client.socket.end();
  await server.ended;
  const bytes = 12_000_000;
  server.socket.end(Buffer.alloc(bytes));
  // longer than the grace, which must not run while bytes are still to be delivered
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(target.proxy.connectionCount()).toBe(1);
  client.socket.resume();
  expect((await client.ended).length).toBe(bytes);
  expect((await target.ends(1))[0]).toMatchObject({ incoming: 'normal', bytesOut: bytes });
});

test('after a reset the log tells what the kernel took, not what was queued', async () => {
  const client = await openClient(target.port, { paused: true });
  const server = await upstream.next();
  server.socket.write(Buffer.alloc(20_000_000));
  let before = -1;
  // until the proxy is blocked: the queue is the same in two looks
  while (before !== server.socket.writableLength || before === -1) {
    before = server.socket.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  client.socket.resetAndDestroy();
  server.socket.destroy();
  const [end] = await target.ends(1);
  expect(end!.bytesOut).toBeGreaterThan(0);
  expect(end!.bytesOut).toBeLessThan(end!.upstreamBytesIn!);
});

test('many at once: each is counted once and nothing stays', async () => {
  await target.finish();
  await upstream.stop();
  upstream = await startUpstream({ answer: true });
  target = await startProxy(upstream.port);
  const count = 200;
  const clients = await Promise.all(Array.from({ length: count }, () => openClient(target.port)));
  for (const [index, client] of clients.entries()) {
    if (index % 2 === 0) client.socket.end('x');
    else client.socket.resetAndDestroy();
  }
  await target.ends(count);
  expect(target.proxy.statistics()).toMatchObject({
    accepted: count,
    active: 0,
    activeOutgoing: 0,
    terminations: { incoming: { normal: count / 2, econnreset: count / 2 } },
  });
});
