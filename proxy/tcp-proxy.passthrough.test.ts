import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Limits } from './limits/limits.ts';
import type { RouteSettings } from './settings.ts';
import { recordClientHello } from './testing/client-hello.ts';
import { createManualClock } from './testing/manual-clock.ts';
import { openClient, received, startUpstream } from './testing/peers.ts';
import type { TestUpstream } from './testing/peers.ts';
import { startProxy } from './testing/proxy-under-test.ts';
import type { ProxyUnderTest } from './testing/proxy-under-test.ts';

let upstream: TestUpstream;
let second: TestUpstream;
let target: ProxyUnderTest | undefined;

beforeEach(async () => {
  [upstream, second] = await Promise.all([startUpstream(), startUpstream()]);
});

afterEach(async () => {
  await target?.finish();
  target = undefined;
  await Promise.all([upstream.stop(), second.stop()]);
});

const at = (port: number) => ({ host: '127.0.0.1', port });

async function start(limits: Partial<Limits> = {}, clock = createManualClock()): Promise<ProxyUnderTest> {
  const routes: RouteSettings[] = [
    { name: 'one', mode: 'tls-passthrough', hosts: ['one.example'], upstreams: [at(upstream.port)] },
    { name: 'wild', mode: 'tls-passthrough', hosts: ['*.example'], upstreams: [at(second.port)] },
  ];
  target = await startProxy(0, { ...limits, listeners: [{ name: 'tls', listen: at(0), routes }] }, { clock });
  return target;
}

/** Port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test.each([1, 7, 100, 100_000])(
  'chosen by SNI; with packets of %i bytes the first bytes come exactly once',
  async (size) => {
    const { port, ends } = await start();
    const bytes = Buffer.concat([await recordClientHello('one.example'), Buffer.from('and what follows')]);
    const client = await openClient(port);
    client.socket.setNoDelay(true);
    for (let cut = 0; cut < bytes.length; cut += size) {
      await new Promise<void>((resolve) => {
        client.socket.write(bytes.subarray(cut, cut + size), () => resolve());
      });
    }
    const server = await upstream.next();
    await received(server, bytes.length);
    client.socket.end();
    expect(await server.ended).toEqual(bytes);
    server.socket.end('bye');
    expect(String(await client.ended)).toBe('bye');
    const [end] = await ends(1);
    expect(end).toMatchObject({
      route: 'one',
      incoming: 'normal',
      outgoing: 'closed_incoming',
      upstreamBytesOut: bytes.length,
    });
  },
);

test('the wildcard route', async () => {
  const { port } = await start();
  const client = await openClient(port);
  client.socket.write(await recordClientHello('two.example'));
  const server = await second.next();
  client.socket.end();
  await server.ended;
  server.socket.end();
});

test.each([
  ['another name', () => recordClientHello('one.elsewhere')],
  ['no name', () => recordClientHello()],
  ['no TLS', () => Promise.resolve(Buffer.from('GET / HTTP/1.1\r\n\r\n'))],
])('%s: sni_mismatch, and no upstream is made', async (_, bytes) => {
  const { port, ends, proxy } = await start();
  const client = await openClient(port);
  client.socket.write(await bytes());
  await client.ended;
  client.socket.end();
  const [end] = await ends(1);
  expect(end).toMatchObject({ incoming: 'sni_mismatch' });
  expect(end).not.toHaveProperty('outgoing');
  expect(proxy.statistics().outgoingCreated).toBe(0);
});

test('a ClientHello that never ends is cut off at its limit', async () => {
  const { port, ends } = await start({ clientHelloLimit: 1000 });
  const client = await openClient(port);
  const head = Buffer.from([22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc]);
  client.socket.write(Buffer.concat([head, Buffer.alloc(2000)]));
  await client.ended;
  client.socket.end();
  expect((await ends(1))[0]).toMatchObject({ incoming: 'pending_overflow' });
});

test('a ClientHello that comes too late', async () => {
  const clock = createManualClock();
  const { port, ends, proxy } = await start({ initialTimeout: 1000 }, clock);
  const client = await openClient(port);
  client.socket.write((await recordClientHello('one.example')).subarray(0, 50));
  while (proxy.connectionCount() === 0) await new Promise(setImmediate);
  clock.advance(1000);
  await client.ended;
  client.socket.end();
  expect((await ends(1))[0]).toMatchObject({ incoming: 'initial_timeout' });
  expect(clock.pending()).toBe(0);
});

test.each(['end', 'reset'] as const)('a client that leaves within its ClientHello by %s', async (how) => {
  const { port, ends, proxy } = await start();
  const client = await openClient(port);
  while (proxy.connectionCount() === 0) await new Promise(setImmediate);
  // no bytes before the RST: Node 20 reads the two together as a clean end
  if (how === 'end') client.socket.end((await recordClientHello('one.example')).subarray(0, 50));
  else client.socket.resetAndDestroy();
  expect((await ends(1))[0]).toMatchObject({ incoming: how === 'end' ? 'normal' : 'econnreset' });
  expect(proxy.statistics().outgoingCreated).toBe(0);
});

test('fail-over: the next upstream gets all bytes, each failed connect is counted and logged', async () => {
  const refused = [at(await closedPort()), at(await closedPort())];
  const routes: RouteSettings[] = [{ name: 'tcp', mode: 'tcp', upstreams: [...refused, at(upstream.port)] }];
  target = await startProxy(0, { listeners: [{ name: 'tcp', listen: at(0), routes }] });
  const client = await openClient(target.port);
  client.socket.end('first bytes');
  const server = await upstream.next();
  expect(String(await server.ended)).toBe('first bytes');
  server.socket.end();
  expect((await target.ends(1))[0]).toMatchObject({ incoming: 'normal', outgoing: 'closed_incoming' });
  expect(target.proxy.statistics()).toMatchObject({
    outgoingCreated: 3,
    terminations: { outgoing: { connection_refused: 2, closed_incoming: 1 } },
  });
  const attempts = target.lines.filter(({ attempt }) => attempt === true);
  expect(attempts).toMatchObject([
    { id: '1.1', route: 'tcp', outgoing: 'connection_refused' },
    { id: '1.2', route: 'tcp', outgoing: 'connection_refused' },
  ]);
});

test('where all refuse, the connection ends for the last reason', async () => {
  const routes: RouteSettings[] = [
    { name: 'tcp', mode: 'tcp', upstreams: [at(await closedPort()), at(await closedPort())] },
  ];
  target = await startProxy(0, { listeners: [{ name: 'tcp', listen: at(0), routes }] });
  const client = await openClient(target.port);
  await client.ended;
  client.socket.end();
  expect((await target.ends(1))[0]).toMatchObject({
    incoming: 'connection_refused',
    outgoing: 'connection_refused',
  });
});

test('more than the pending limit before the upstream is connected', async () => {
  const { port, ends } = await start({ pendingLimit: 300 });
  const client = await openClient(port);
  client.socket.write(Buffer.concat([await recordClientHello('one.example'), Buffer.alloc(5000)]));
  await client.ended;
  client.socket.end();
  expect((await ends(1))[0]).toMatchObject({ incoming: 'pending_overflow', outgoing: 'pending_overflow' });
});
