import { once } from 'node:events';
import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { startH2Pair } from '../../testing/h2-pair.ts';
import { startHttpPair } from '../../testing/http-pair.ts';
import { until, within } from '../../testing/peers.ts';
import { openStreams, openTls, request } from '../../testing/stream-client.ts';
import type { StreamClient } from '../../testing/stream-client.ts';
import { acceptOf } from '../../../shared/websocket/accept-of.ts';

// WebSocket over HTTP/2 with Node's own module as the peer, in front of the proxy, behind it, and on both sides.

const CONNECT: OutgoingHttpHeaders = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  ':scheme': 'https',
  'sec-websocket-version': '13',
};
/** Upgrade of HTTP/1.1, with the key of RFC 6455, 1.3. */
const UPGRADE =
  'GET / HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const TAKES = { settings: { enableConnectProtocol: true } };
const MUCH = 4 * 1024 * 1024;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function open(port: number): Promise<StreamClient> {
  const client = await openStreams(port);
  ends.unshift(() => client.session.destroy());
  return client;
}

async function connect(client: StreamClient, head: OutgoingHttpHeaders = {}): Promise<ClientHttp2Stream> {
  const stream = request(client, { ...CONNECT, ...head }, { endStream: false });
  await within('an answer', once(stream, 'response'));
  return stream;
}

/** Grants an upgrade, by the key that the proxy has made. */
function grant(socket: Socket, head: string): void {
  const key = /^sec-websocket-key: (.+)\r$/im.exec(head)?.[1] ?? '';
  const fields = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${acceptOf(key)}`;
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n\r\n`);
}

/** Bytes until the end of a stream. */
async function all(stream: Duplex): Promise<string> {
  let got = '';
  stream.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
  await within('the end', once(stream, 'end'));
  return got;
}

test('over HTTP/2 on both sides, bytes pass both ways and each end is counted once', async () => {
  const pair = await startH2Pair({}, TAKES);
  ends.push(() => pair.finish());
  pair.answer = (stream) => {
    stream.respond({ ':status': 200, 'sec-websocket-protocol': 'chat' });
    stream.pipe(stream);
  };
  const client = await open(pair.target.port);
  expect(client.session.remoteSettings.enableConnectProtocol).toBe(true);
  const stream = await connect(client, { 'sec-websocket-protocol': 'chat' });
  expect(stream.sentHeaders).toMatchObject({ ':protocol': 'websocket' });
  stream.end('x'.repeat(100_000));
  expect(await all(stream)).toHaveLength(100_000);
  expect(pair.seen).toMatchObject([
    { ':method': 'CONNECT', ':protocol': 'websocket', 'sec-websocket-protocol': 'chat' },
  ]);
  await until('the ends', () => pair.counts().streams + pair.counts().upstreamStreams === 0);
  expect(pair.counts()).toMatchObject({ streamEnds: { normal: 1 }, upstreamStreamEnds: { upgraded: 1 } });
});

test('to an upstream of HTTP/1.1 it is an upgrade with a key of the proxy', async () => {
  const pair = await startHttpPair();
  ends.push(() => pair.finish());
  pair.answer = (socket, head) => {
    grant(socket, head);
    socket.end('hello');
  };
  const stream = await connect(await open(pair.target.port), { 'sec-websocket-key': 'the client has none' });
  expect(await all(stream)).toBe('hello');
  stream.end('bye');
  await until('the bytes of the client', () => pair.seen[0]?.endsWith('\r\n\r\nbye') ?? false);
  expect(pair.seen[0]).toMatch(/^GET \/ HTTP\/1\.1\r\n/);
  expect(pair.seen[0]).not.toContain('the client has none');
});

test('the upgrade of an HTTP/1.1 client is a stream of its upstream, and its key is answered', async () => {
  const pair = await startH2Pair({}, TAKES);
  ends.push(() => pair.finish());
  pair.answer = (stream) => {
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  };
  const client = await openTls(pair.target.port, { alpn: ['http/1.1'] });
  client.write(UPGRADE);
  let got = '';
  client.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
  await until('the grant', () => got.endsWith('\r\n\r\n'));
  expect(got).toMatch(/^HTTP\/1\.1 101 /);
  expect(got).toContain(`Sec-WebSocket-Accept: ${ACCEPT}`);
  client.end('echo');
  await until('the echo', () => got.endsWith('echo'));
  expect(pair.seen[0]).not.toHaveProperty('sec-websocket-key');
});

test('an upstream that announces nothing is not asked: 502', async () => {
  const pair = await startH2Pair();
  ends.push(() => pair.finish());
  const stream = request(await open(pair.target.port), CONNECT, { endStream: false });
  const [head] = (await within('an answer', once(stream, 'response'))) as [{ ':status': number }];
  expect([head[':status'], pair.seen, pair.counts().faults.no_upstream]).toEqual([502, [], 1]);
});

test.each([
  ['another protocol', { ':protocol': 'chat' }, 501],
  ['a length', { 'content-length': '5' }, 400],
])('%s is refused', async (_, head, status) => {
  const pair = await startH2Pair({}, TAKES);
  ends.push(() => pair.finish());
  const stream = request(await open(pair.target.port), { ...CONNECT, ...head }, { endStream: false });
  const [answer] = (await within('an answer', once(stream, 'response'))) as [{ ':status': number }];
  expect([answer[':status'], pair.seen]).toEqual([status, []]);
});

test('a reset is passed on at once although its client was held back, and the connection stays', async () => {
  const pair = await startHttpPair();
  ends.push(() => pair.finish());
  pair.answer = (socket, head) => {
    grant(socket, head);
    socket.pause();
  };
  const client = await open(pair.target.port);
  const stream = await connect(client);
  let taken = 0;
  const fill = (): void => {
    while (stream.write('x'.repeat(65_536), () => taken++));
    if (!stream.destroyed) stream.once('drain', fill);
  };
  fill();
  let before = -1;
  // nothing moves any more
  while (before !== taken) {
    before = taken;
    await new Promise((resolve) => void setTimeout(resolve, 200));
  }
  stream.close(8);
  await until('the end of the upstream', () => pair.target.proxy.metrics().http.upstreams === 0);
  expect(client.session.destroyed).toBe(false);
  expect(pair.target.proxy.metrics().http).toMatchObject({ streamEnds: { econnreset: 1 } });
  for (const socket of pair.upstreams) socket.resume();
});

test('the last bytes of a client arrive although both sides have ended', async () => {
  const pair = await startHttpPair({ grace: 4000 });
  ends.push(() => pair.finish());
  pair.answer = (socket, head) => {
    grant(socket, head);
    socket.end();
    // slower than they come: some wait in the proxy when the client has ended
    socket.on('data', () => {
      socket.pause();
      setTimeout(() => socket.resume(), 2);
    });
  };
  const client = await connect(await open(pair.target.port));
  await all(client);
  client.end('x'.repeat(MUCH));
  await within('the close', once(client, 'close'));
  await until('the end of the upstream', () => pair.upstreams.size === 0);
  expect(pair.seen[0]?.split('\r\n\r\n')[1]).toHaveLength(MUCH);
});
