import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from './clock/clock.ts';
import type { Limits } from './limits/limits.ts';
import { createCertificate } from './testing/certificate.ts';
import { recordClientHello } from './testing/client-hello.ts';
import { createManualClock } from './testing/manual-clock.ts';
import { openClient, within } from './testing/peers.ts';
import { startProxy } from './testing/proxy-under-test.ts';
import type { ProxyUnderTest } from './testing/proxy-under-test.ts';

const PAIR = await createCertificate();

let backend: Server;
let target: ProxyUnderTest;
const sockets = new Set<Socket>();

beforeEach(async () => {
  backend = createServer();
  backend.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  backend.listen(0, '127.0.0.1');
  await once(backend, 'listening');
});

afterEach(async () => {
  await target.finish();
  // the inner proxy leaves no connection to the backend open
  while (sockets.size > 0) await within('the close of a backend socket', once([...sockets][0]!, 'close'));
  backend.close();
});

const at = (port: number) => ({ host: '127.0.0.1', port });

async function start(limits: Partial<Limits> = {}, ports: number[] = [], time?: Clock): Promise<number> {
  const upstreams = [...ports, (backend.address() as AddressInfo).port].map(at);
  const route = {
    name: 'web',
    mode: 'tls-terminate',
    hosts: ['*.lastfin.test'],
    upstreams,
    ...PAIR,
  } as const;
  target = await startProxy(
    0,
    { grace: 100, ...limits, listeners: [{ name: 'l', listen: at(0), routes: [route] }] },
    time && { clock: time },
  );
  return target.port;
}

async function openTls(port: number, maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3'): Promise<TLSSocket> {
  const options = { servername: 'a.lastfin.test', ca: PAIR.certificate, maxVersion, allowHalfOpen: true };
  const socket = connect({ ...at(port), ...options });
  await within('the TLS handshake', once(socket, 'secureConnect'));
  return socket;
}

function get(port: number, path: string, agent?: TlsAgent, body?: string): Promise<IncomingMessage> {
  const options = { ...at(port), path, servername: 'a.lastfin.test', ca: PAIR.certificate };
  const method = body === undefined ? 'GET' : 'POST';
  const sent = tlsRequest({
    ...options,
    method,
    ...(agent && { agent }),
    headers: { host: 'a.lastfin.test' },
  });
  sent.end(body);
  return new Promise((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
}

test('keep-alive: several requests on one connection, with their bodies; the client ends it', async () => {
  backend.on('request', (incoming, response) => {
    void text(incoming).then((body) => response.end(`${incoming.method} ${incoming.url} ${body}`));
    response.setHeader('x-saw', [
      String(incoming.headers['x-forwarded-for']),
      String(incoming.headers['x-forwarded-proto']),
      String(incoming.headers.host),
    ]);
  });
  const port = await start();
  const agent = new TlsAgent({ keepAlive: true, maxSockets: 1 });
  const first = await get(port, '/one', agent);
  expect(first.headers['x-saw']).toBe('127.0.0.1, https, a.lastfin.test');
  expect(await text(first)).toBe('GET /one ');
  expect(await text(await get(port, '/two', agent, 'x'.repeat(100_000)))).toBe(
    `POST /two ${'x'.repeat(100_000)}`,
  );
  expect(target.proxy.statistics().accepted).toBe(1);
  agent.destroy();
  expect(await target.ends(1)).toMatchObject([{ route: 'web', outgoing: 'closed_incoming' }]);
});

test('a long answer is streamed, and none of it is lost to a client that has sent its FIN', async () => {
  const size = 5_000_000;
  backend.on('request', (_, response) => response.end(Buffer.alloc(size, 'a')));
  const client = await openTls(await start());
  client.end('GET / HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: close\r\n\r\n');
  const answer = await within('the answer', text(client), 10_000);
  expect(answer.slice(answer.indexOf('\r\n\r\n') + 4).length).toBe(size);
  await target.ends(1);
});

test.each(['client', 'backend'] as const)(
  'in mid-stream the %s leaves: the other end is let go',
  async (who) => {
    backend.on('request', (_, response) => void response.write(Buffer.alloc(5_000_000)));
    const client = await openTls(await start());
    client.on('error', () => {});
    client.write('GET / HTTP/1.1\r\nHost: a.lastfin.test\r\n\r\n');
    await within('the first bytes', once(client, 'data'));
    if (who === 'client') client.pause().destroy();
    else for (const socket of sockets) socket.resetAndDestroy();
    if (who === 'backend') await within('the end', once(client.resume(), 'end')).then(() => client.end());
    const [end] = await target.ends(1);
    expect(end!.incoming).toMatch(who === 'client' ? /^socket_/ : /^closed_outgoing$/);
  },
);

test('WebSocket: bytes both ways after the upgrade, and the end of both', async () => {
  backend.on('upgrade', (incoming, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${incoming.headers.upgrade}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  const client = await openTls(await start());
  client.write(
    'GET /ws HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly',
  );
  let seen = '';
  client.on('data', (chunk: Buffer) => (seen += String(chunk)));
  while (!seen.endsWith('early')) await within('the echo', once(client, 'data'));
  expect(seen).toMatch(/^HTTP\/1\.1 101 /);
  client.end('and late');
  await within('the end', once(client, 'end'));
  expect(seen.endsWith('earlyand late')).toBe(true);
  await target.ends(1);
});

test('an upgrade that the backend refuses', async () => {
  backend.on('request', (_, response) => response.writeHead(404).end('no'));
  backend.on('upgrade', (_, socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno'));
  const client = await openTls(await start());
  client.write(
    'GET /ws HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
  const answer = await within('the answer', text(client));
  expect(answer).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[^]*no$/);
  client.end();
  await target.ends(1);
});

test('fail-over to the next upstream; where none is left: 502', async () => {
  backend.on('request', (_, response) => response.end('here'));
  const port = await start({}, [1]);
  expect(await text(await get(port, '/', new TlsAgent({ keepAlive: false })))).toBe('here');
  backend.close();
  const refused = await get(port, '/', new TlsAgent({ keepAlive: false }));
  expect(refused.statusCode).toBe(502);
  refused.resume();
  await target.ends(2);
});

test('a handshake that does not come to its end', async () => {
  const clock = createManualClock();
  const port = await start({ handshakeTimeout: 1000 }, [], clock);
  const client = await openClient(port);
  client.socket.write(await recordClientHello('a.lastfin.test'));
  await within('the ServerHello', once(client.socket, 'data'));
  clock.advance(1000);
  await client.ended;
  client.socket.end();
  expect(await target.ends(1)).toMatchObject([
    { incoming: 'handshake_timeout', outgoing: 'handshake_timeout' },
  ]);
  expect(clock.pending()).toBe(0);
});

test('a client that leaves before the bridge is up', async () => {
  const port = await start({ handshakeTimeout: 200 });
  const client = await openClient(port);
  client.socket.write(await recordClientHello('a.lastfin.test'), () => client.socket.resetAndDestroy());
  await target.ends(1);
});

test('renegotiation with the same name goes on, its listeners do not add up', async () => {
  backend.on('request', (_, response) => response.end('ok'));
  const client = await openTls(await start(), 'TLSv1.2');
  for (const _ of [1, 2]) {
    await new Promise<void>((resolve, reject) => {
      client.renegotiate({}, (error) => (error === null ? resolve() : reject(error)));
    });
  }
  client.write('GET / HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: close\r\n\r\n');
  expect(await within('the answer', text(client))).toContain('ok');
  client.end();
  await target.ends(1);
});
