import { afterEach, beforeEach, expect, test } from 'vitest';
import { readHeader } from './proxy-protocol/read-header.ts';
import { writeHeader } from './proxy-protocol/write-header.ts';
import type { Limits } from './limits/limits.ts';
import type { ListenerSettings, RouteSettings } from './settings.ts';
import { recordClientHello } from './testing/client-hello.ts';
import { openClient, received, startUpstream } from './testing/peers.ts';
import type { TestUpstream } from './testing/peers.ts';
import { startProxy } from './testing/proxy-under-test.ts';
import type { ProxyUnderTest } from './testing/proxy-under-test.ts';

let upstream: TestUpstream;
const targets: ProxyUnderTest[] = [];

beforeEach(async () => {
  upstream = await startUpstream();
});

afterEach(async () => {
  await Promise.all(targets.splice(0).map(({ finish }) => finish()));
  await upstream.stop();
});

const at = (port: number) => ({ host: '127.0.0.1', port });
const SOURCE = { address: '192.0.2.7', port: 4567 };
const DESTINATION = { address: '192.0.2.1', port: 443 };

async function start(
  route: Partial<RouteSettings>,
  listener: Partial<ListenerSettings> = {},
  limits: Partial<Limits> = {},
): Promise<ProxyUnderTest> {
  const routes = [{ name: 'r', mode: 'tcp', upstreams: [at(upstream.port)], ...route } as RouteSettings];
  const target = await startProxy(0, {
    ...limits,
    listeners: [{ name: 'l', listen: at(0), routes, ...listener }],
  });
  targets.push(target);
  return target;
}

const TRUSTED = { acceptProxyProtocolFrom: ['127.0.0.0/8'] };

test.each(['v1', 'v2'] as const)('%s out: the client’s address, then its bytes', async (version) => {
  const { port } = await start({ sendProxyProtocol: version });
  const client = await openClient(port);
  client.socket.end('hello');
  const server = await upstream.next();
  const bytes = await server.ended;
  const read = readHeader(bytes);
  expect(read).toMatchObject({
    connection: {
      source: { address: '127.0.0.1', port: client.socket.localPort },
      destination: { address: '127.0.0.1', port },
    },
  });
  if (read.state === 'complete') expect(String(bytes.subarray(read.length))).toBe('hello');
  server.socket.end();
});

test.each([1, 5, 1000])(
  'in and out, packets of %i bytes: the announced client is passed on and logged',
  async (size) => {
    const { port, ends } = await start(
      { mode: 'tls-passthrough', hosts: ['*'], sendProxyProtocol: 'v2' },
      TRUSTED,
    );
    const hello = await recordClientHello('a.example');
    const header = writeHeader('v1', { source: SOURCE, destination: DESTINATION });
    const client = await openClient(port);
    client.socket.setNoDelay(true);
    const bytes = Buffer.concat([header, hello]);
    for (let cut = 0; cut < bytes.length; cut += size) {
      await new Promise<void>((resolve) => {
        client.socket.write(bytes.subarray(cut, cut + size), () => resolve());
      });
    }
    const server = await upstream.next();
    await received(server, 28 + hello.length);
    client.socket.end();
    const all = await server.ended;
    expect(readHeader(all)).toEqual({
      state: 'complete',
      length: 28,
      connection: { source: SOURCE, destination: DESTINATION },
    });
    expect(all.subarray(28)).toEqual(hello);
    server.socket.end();
    expect((await ends(1))[0]).toMatchObject({ remoteAddress: SOURCE.address, remotePort: SOURCE.port });
  },
);

test('a chain: the inner proxy’s limit of an address is each client’s own', async () => {
  const inner = await start({}, TRUSTED, { maxConnectionsPerIp: 1 });
  const { port, ends } = inner;
  const open = async (address: string) => {
    const client = await openClient(port);
    client.socket.write(writeHeader('v2', { source: { address, port: 1 }, destination: DESTINATION }));
    return client;
  };
  await open('192.0.2.1');
  await upstream.next();
  await open('192.0.2.2');
  await upstream.next();
  await open('192.0.2.2');
  expect(await ends(1)).toMatchObject([{ incoming: 'rejected_limit', remoteAddress: '192.0.2.2' }]);
});

test('from a peer that is not trusted, or without a header', async () => {
  const stranger = await start({}, { acceptProxyProtocolFrom: ['192.0.2.0/24'] });
  (await openClient(stranger.port).catch(() => undefined))?.socket.end();
  expect(await stranger.ends(1)).toMatchObject([{ incoming: 'rejected_ip' }]);
  const bare = await start({}, TRUSTED);
  const client = await openClient(bare.port);
  client.socket.write('GET / HTTP/1.1\r\n\r\n');
  await client.ended;
  client.socket.end();
  expect(await bare.ends(1)).toMatchObject([{ incoming: 'error' }]);
  expect(bare.lines).toContainEqual(expect.objectContaining({ event: 'proxy_header_invalid' }));
});
