import { once } from 'node:events';
import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cancelStream } from '../../../shared/http2/cancel-stream.ts';
import { OK, startHttpPair } from '../../testing/http-pair.ts';
import type { HttpPair } from '../../testing/http-pair.ts';
import { until, within } from '../../testing/peers.ts';
import { answerOf, openStreams, request } from '../../testing/stream-client.ts';
import type { StreamClient } from '../../testing/stream-client.ts';
import type { HttpCounts } from '../http-figures.ts';

let pair: HttpPair;
let client: StreamClient;
let before: HttpCounts;
const counts = (): HttpCounts => pair.target.proxy.metrics().http;

/** Stream ends since the beginning of the test. */
function ends(): Record<string, number> {
  const { streamEnds } = counts();
  const changed = Object.entries(streamEnds).map(([reason, count]) => [
    reason,
    count - (before.streamEnds[reason as keyof typeof streamEnds] ?? 0),
  ]);
  return Object.fromEntries(changed.filter(([, count]) => count !== 0)) as Record<string, number>;
}

beforeAll(async () => {
  pair = await startHttpPair({ idleUpstreamTimeout: 0, maxBody: 1_000_000 });
});
beforeEach(async () => {
  client?.session.destroy();
  for (const socket of pair.upstreams) socket.destroy();
  await until(
    'the end of what was open',
    () => counts().streams + counts().sessions + counts().upstreams === 0,
  );
  pair.seen.length = 0;
  pair.answer = (socket) => void socket.end(OK);
  client = await openStreams(pair.target.port);
  before = counts();
});
afterAll(async () => {
  client.session.destroy();
  await pair.finish();
});

test('a request goes on as one of HTTP/1.1, and its answer comes back', async () => {
  const head = { 'x-a': '1', cookie: ['a=1', 'b=2'], te: 'trailers', 'x-forwarded-for': '1.2.3.4' };
  const answer = await answerOf(request(client, { ':path': '/x?y', ...head }));
  expect(answer).toMatchObject({ status: 200, body: 'ok', reset: undefined });
  expect(answer.headers['content-length']).toBe('2');
  const [seen = ''] = pair.seen;
  expect(seen).toMatch(/^GET \/x\?y HTTP\/1\.1\r\nHost: a\.lastfin\.test\r\n/);
  expect(seen).toMatch(/\r\nx-a: 1\r\n/);
  expect(seen).toMatch(/\r\ncookie: a=1; b=2\r\n/);
  expect(seen).toMatch(/\r\nX-Forwarded-For: 1\.2\.3\.4, 127\.0\.0\.1\r\nX-Forwarded-Proto: https\r\n/);
  expect(seen).toMatch(/\r\nTE: trailers\r\nConnection: TE\r\n/);
  await until('the end of the stream', () => counts().streams === 0);
  expect(ends()).toEqual({ normal: 1 });
});

test.each([
  ['a length', { 'content-length': 11 }, /\r\nContent-Length: 11\r\n.*\r\nhello world$/s],
  [
    'no length',
    {},
    /\r\nTransfer-Encoding: chunked\r\n.*\r\n(5\r\nhello\r\n6\r\n world|b\r\nhello world)\r\n0\r\n\r\n$/s,
  ],
])('a body with %s arrives whole', async (_, head, whole) => {
  pair.answer = (socket) => {
    const look = (): void => void (whole.test(pair.seen[0]!) && socket.end(OK));
    socket.on('data', look);
    look();
  };
  const stream = request(client, { ':method': 'POST', ...head }, { endStream: false });
  stream.write('hello');
  stream.end(' world');
  expect(await answerOf(stream)).toMatchObject({ status: 200, body: 'ok' });
  expect(pair.seen[0]).toMatch(whole);
});

test('interim answers and trailers pass, also trailers that the request has announced', async () => {
  const whole = (): boolean => (pair.seen[0] ?? '').endsWith('0\r\nx-sum: 7\r\n\r\n');
  pair.answer = (socket) => {
    const look = (): void => {
      if (!whole()) return;
      socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n');
      const trailers = 'X-End: 1\r\nContent-Length: 3\r\n';
      socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${trailers}\r\n`);
    };
    socket.on('data', look);
    look();
  };
  const stream = request(
    client,
    { ':method': 'POST', trailer: 'x-sum' },
    { endStream: false, waitForTrailers: true },
  );
  stream.once('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7', 'x-other': '1', host: 'b' }));
  stream.end('hi');
  const answer = await answerOf(stream);
  expect(answer).toMatchObject({ status: 200, interims: [103], body: 'ok', trailers: { 'x-end': '1' } });
  expect(answer.trailers).not.toHaveProperty('content-length');
});

test('a client that waits for 100 Continue gets it', async () => {
  const stream = request(client, { ':method': 'POST', expect: '100-continue' }, { endStream: false });
  await within('100', once(stream, 'continue'));
  stream.end('hi');
  expect(await answerOf(stream)).toMatchObject({ status: 200 });
});

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', 200],
  ['GET', 'HTTP/1.1 204 No\r\n\r\n', 204],
  ['GET', 'HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n', 304],
  ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 200],
])('%s with an answer without a body: %j', async (method, bytes, status) => {
  pair.answer = (socket) => void socket.end(bytes);
  expect(await answerOf(request(client, { ':method': method }))).toMatchObject({
    status,
    body: '',
    reset: undefined,
  });
});

test('fields with names of JavaScript pass both ways', async () => {
  const fields = 'Constructor: 1\r\nconstructor: 2\r\n__proto__: 3\r\n';
  pair.answer = (socket) => void socket.end(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 0\r\n\r\n`);
  const { headers } = await answerOf(request(client, { constructor: '4', ['__proto__']: '5' }));
  expect(headers['constructor']).toBe('1, 2');
  expect(Object.getOwnPropertyDescriptor(headers, '__proto__')?.value).toBe('3');
  expect(pair.seen[0]).toMatch(/\r\nconstructor: 4\r\n/);
  expect(pair.seen[0]).toMatch(/\r\n__proto__: 5\r\n/);
});

test('repeated fields become one, but for cookies', async () => {
  const fields =
    'X-A: 1\r\nX-a: 2\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nKeep-Alive: x\r\nETag: a\r\nETag: b\r\n';
  pair.answer = (socket) => void socket.end(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 0\r\n\r\n`);
  const { headers } = await answerOf(request(client));
  expect(headers).toMatchObject({ 'x-a': '1, 2', 'set-cookie': ['a', 'b'], etag: 'a, b' });
  expect(headers).not.toHaveProperty('keep-alive');
});

test.each([
  ['another host', { ':authority': 'b.lastfin.test' }, 421, 'sni_mismatch'],
  ['a Host that differs', { ':authority': 'a.lastfin.test', host: 'b.lastfin.test' }, 400, 'error'],
  ['another scheme', { ':scheme': 'ftp' }, 400, 'error'],
  ['a host that is none', { ':authority': 'a.lastfin.test:x' }, 400, 'error'],
  ['an expectation', { expect: 'x' }, 417, 'error'],
  [
    'too many fields',
    Object.fromEntries(Array.from({ length: 130 }, (_, at) => [`x-${at}`, '1'])),
    431,
    'error',
  ],
  ['too large a head', { 'x-large': 'x'.repeat(17_000) }, 431, 'error'],
  ['too large a body', { ':method': 'POST', 'content-length': 2_000_000 }, 413, 'error'],
  ['a method of another protocol', { ':method': 'ANNOUNCE' }, 501, 'error'],
] as const)('%s is refused, and no upstream hears of it', async (_, head, status, reason) => {
  const stream = request(client, head, { endStream: !('content-length' in head) });
  expect(await answerOf(stream)).toMatchObject({ status });
  await until('the end of the stream', () => counts().streams === 0);
  expect(pair.seen).toEqual([]);
  expect(ends()).toEqual({ [reason]: 1 });
  expect(await answerOf(request(client))).toMatchObject({ status: 200 });
});

test('a body that grows too large is refused', async () => {
  pair.answer = () => {};
  const stream = request(client, { ':method': 'POST' }, { endStream: false });
  stream.write(Buffer.alloc(1_000_001));
  expect(await answerOf(stream)).toMatchObject({ status: 413 });
  await until('the end of the upstream', () => pair.upstreams.size === 0);
});

test('CONNECT is refused', async () => {
  const stream = client.session.request({ ':method': 'CONNECT', ':authority': 'a.lastfin.test:443' });
  stream.on('error', () => {});
  expect(await answerOf(stream)).toMatchObject({ status: 405 });
  expect(pair.seen).toEqual([]);
});

test.each([
  ['CANCEL', constants.NGHTTP2_CANCEL],
  ['NO_ERROR', constants.NGHTTP2_NO_ERROR],
] as const)(
  'a client that resets an upload by %s ends its own upstream only, and looks not whole',
  async (_, code) => {
    pair.answer = () => {};
    const other = request(client);
    const stream = request(client, { ':method': 'POST' }, { endStream: false });
    stream.write('hello');
    await until('both at the upstream', () => pair.seen.length === 2 && pair.seen.join('').includes('hello'));
    cancelStream(stream, code);
    await until('the end of one upstream', () => pair.upstreams.size === 1);
    expect(pair.seen.join('')).not.toContain('0\r\n\r\n');
    expect(other.closed).toBe(false);
    await until('the end of the stream', () => counts().streams === 1);
    expect(ends()).toEqual({ econnreset: 1 });
    for (const socket of pair.upstreams) socket.end(OK);
    expect(await answerOf(other)).toMatchObject({ status: 200 });
  },
);

test('a request that is reset at once reaches no upstream', async () => {
  const stream = request(client);
  stream.close(constants.NGHTTP2_CANCEL);
  await answerOf(stream);
  await answerOf(request(client));
  expect(pair.seen.filter((bytes) => bytes !== '')).toHaveLength(1);
  await until('the end of the streams', () => counts().streams === 0);
  const { streamsOpened } = counts();
  expect(streamsOpened - before.streamsOpened).toBe(
    Object.values(ends()).reduce((sum, count) => sum + count),
  );
});

test.each([
  ['resets in mid answer', (socket: Socket) => void setTimeout(() => socket.resetAndDestroy(), 20)],
  ['ends in mid answer', (socket: Socket) => void socket.end()],
])('an upstream that %s resets that stream only', async (_, ending) => {
  pair.answer = (socket, bytes) => {
    if (bytes.startsWith('GET /other')) return;
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n');
    ending(socket);
  };
  const other = request(client, { ':path': '/other' });
  const answer = await answerOf(request(client));
  expect(answer).toMatchObject({ status: 200, body: 'ok', reset: 'INTERNAL_ERROR' });
  expect(other.closed).toBe(false);
  expect(ends()).toEqual({ closed_outgoing: 1 });
  for (const socket of pair.upstreams) socket.end(OK);
  expect(await answerOf(other)).toMatchObject({ status: 200 });
});

test.each([
  ['no HTTP', 'SSH-2.0\r\n'],
  ['two framings', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok'],
  ['an upgrade', 'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'],
  ['nothing', ''],
])('an answer that is %s: 502', async (_, bytes) => {
  pair.answer = (socket) => void socket.end(bytes);
  expect(await answerOf(request(client))).toMatchObject({ status: 502, reset: undefined });
});

test('a request that is answered early is told that its rest is not needed', async () => {
  const stream = request(client, { ':method': 'POST' }, { endStream: false });
  stream.write('hello');
  expect(await answerOf(stream)).toMatchObject({ status: 200, body: 'ok', reset: undefined });
  await until('the end of the upstream', () => counts().upstreams === 0 && counts().streams === 0);
  expect(ends()).toEqual({ normal: 1 });
});

test('a body that turns out to be empty ends, although the upstream is not there yet', async () => {
  const stream = request(client, { ':method': 'POST' }, { endStream: false });
  stream.end();
  expect(await answerOf(stream)).toMatchObject({ status: 200 });
  await until('the end of the body', () => pair.seen[0]?.endsWith('\r\n\r\n0\r\n\r\n') === true);
});

test('so is one that is answered early without a body', async () => {
  pair.answer = (socket) => void socket.end('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n');
  const stream = request(client, { ':method': 'POST' }, { endStream: false });
  stream.write('hello');
  expect(await answerOf(stream)).toMatchObject({ status: 413, reset: undefined });
  await until('the end of the upstream', () => counts().upstreams === 0 && counts().streams === 0);
  expect(ends()).toEqual({ normal: 1 });
});

test('a client that leaves takes its streams and their upstreams along', async () => {
  pair.answer = () => {};
  for (let count = 0; count < 5; count += 1) request(client);
  await until('all at the upstream', () => pair.seen.length === 5);
  client.socket.destroy();
  await until('the end of all', () => counts().streams === 0 && counts().sessions === 0);
  expect(ends()).toEqual({ socket_end: 5 });
  await until('the end of their upstreams', () => pair.upstreams.size === 0);
});

test('HTTP/1.1 is there for whoever asks for it, or for nothing', async () => {
  expect(await pair.send('GET / HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 200 /,
  );
});
