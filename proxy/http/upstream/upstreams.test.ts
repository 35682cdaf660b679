import type { Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Clock } from '../../clock/clock.ts';
import type { Limits } from '../../limits/limits.ts';
import { OK, startHttpPair } from '../../testing/http-pair.ts';
import type { HttpPair } from '../../testing/http-pair.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { within } from '../../testing/peers.ts';
import type { HttpCounts } from '../http-figures.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a.lastfin.test\r\n\r\n';

let pair: HttpPair;
afterEach(async () => {
  await pair.finish();
  await until('the ends', () => counts().upstreams + counts().idleUpstreams === 0);
  const { upstreams, idleUpstreams, upstreamsCreated, upstreamEnds } = counts();
  expect(upstreams + idleUpstreams).toBe(0);
  expect(Object.values(upstreamEnds).reduce((sum, count) => sum + count, 0)).toBe(upstreamsCreated);
});

/** Starts a proxy in front of an upstream that answers each request; `answer` has the number of the request on its connection. */
async function start(
  limits: Partial<Limits> = {},
  answer: (socket: Socket, at: number) => void = (socket) => void socket.write(OK),
  clock?: Clock,
): Promise<void> {
  pair = await startHttpPair(limits, clock);
  pair.answer = (socket) => {
    let at = 0;
    answer(socket, at);
    socket.on('data', () => answer(socket, (at += 1)));
  };
}

const counts = (): HttpCounts => pair.target.proxy.metrics().http;

async function until(what: string, holds: () => boolean): Promise<void> {
  const wait = async (): Promise<void> => {
    while (!holds()) await new Promise((resolve) => void setImmediate(resolve));
  };
  await within(what, wait());
}

const settled = (): Promise<void> => until('the end of the exchange', () => counts().upstreams === 0);

/** Sends a request on a connection of its own, and waits until its upstream connection has been kept or closed. */
async function ask(bytes = GET, end = 'ok'): Promise<string> {
  const got = await pair.send(bytes, { until: end });
  await settled();
  return got;
}

test('clients one after the other share a connection to the upstream', async () => {
  await start();
  for (let at = 0; at < 5; at += 1) expect(await ask()).toMatch(/^HTTP\/1\.1 200 /);
  expect(pair.seen).toHaveLength(1);
  expect(counts()).toMatchObject({ upstreams: 0, idleUpstreams: 1, upstreamsCreated: 1 });
});

test('a request never goes on a connection that serves another one', async () => {
  let waiting: Socket | undefined;
  await start({}, (socket) => void (waiting === undefined ? (waiting = socket) : socket.write(OK)));
  const first = pair.send(GET, { until: 'ok' });
  await until('the first request', () => waiting !== undefined);
  const second = await pair.send(GET, { until: 'ok' });
  expect(second).toMatch(/ 200 /);
  expect(pair.seen).toHaveLength(2);
  waiting?.write(OK);
  await first;
  await settled();
});

test('an idle connection has its time', async () => {
  const clock = createManualClock();
  await start({ idleUpstreamTimeout: 1000 }, undefined, clock);
  await ask();
  clock.advance(990);
  expect(counts().idleUpstreams).toBe(1);
  clock.advance(20);
  await until('the end', () => pair.upstreams.size === 0 && counts().upstreamEnds.idle === 1);
  expect(await ask()).toMatch(/ 200 /);
  expect(pair.seen).toHaveLength(2);
});

test.each([
  ['of one upstream', { idleUpstreamsPerAddress: 2 }, 2],
  ['of all', { idleUpstreams: 1 }, 1],
  ['none', { idleUpstreams: 0 }, 0],
  ['none, since there is no time', { idleUpstreamTimeout: 0 }, 0],
])('idle connections are bounded: %s', async (_, limits, most) => {
  const waiting: Socket[] = [];
  await start(limits, (socket) => void waiting.push(socket));
  const asked = Array.from({ length: 4 }, () => pair.send(GET, { until: 'ok' }));
  await until('all requests', () => waiting.length === 4);
  for (const socket of waiting) socket.write(OK);
  await Promise.all(asked);
  await settled();
  await until('the others', () => pair.upstreams.size === most);
  expect(counts()).toMatchObject({ idleUpstreams: most, upstreamEnds: { full: 4 - most } });
});

test('requests that come together again find the connections of the last time', async () => {
  // more than one client may have streams at a time
  const atOnce = 150;
  const waiting: Socket[] = [];
  await start({}, (socket) => void waiting.push(socket));
  for (const round of [1, 2]) {
    const asked: Promise<string>[] = [];
    // some at a time: 150 handshakes at once are not within a deadline on a busy machine
    for (let some = 0; some < atOnce; some += 30) {
      asked.push(...Array.from({ length: 30 }, () => pair.send(GET, { until: 'ok' })));
      await until(`the requests of round ${round}`, () => waiting.length === asked.length);
    }
    for (const socket of waiting.splice(0)) socket.write(OK);
    await Promise.all(asked);
    await until('the pool', () => counts().idleUpstreams === atOnce);
  }
  expect(counts()).toMatchObject({ upstreamsCreated: atOnce, upstreamEnds: { full: 0 } });
});

test('the bound of all holds over the routes together', async () => {
  await start({ idleUpstreams: 1 });
  await ask();
  const other = GET.replace('a.lastfin.test', '192.0.2.7');
  expect(await pair.send(other, { until: 'ok', serverName: false })).toMatch(/ 200 /);
  await settled();
  expect(counts()).toMatchObject({ idleUpstreams: 1, upstreamEnds: { full: 1 } });
});

test('a connection that had closed: what is safe is asked again, on a new one', async () => {
  await start({}, (socket, at) => void (at === 0 ? socket.write(OK) : socket.destroy()));
  await ask();
  expect(await ask()).toMatch(/^HTTP\/1\.1 200 /);
  expect(pair.seen).toEqual([expect.stringMatching(/^GET[^]*GET /), expect.stringMatching(/^GET /)]);
  expect(counts()).toMatchObject({ upstreamEnds: { stale: 1 }, faults: { bad_answer: 0 } });
});

test('a connection that is new has no such excuse: one try, 502', async () => {
  await start({}, (socket) => void socket.destroy());
  expect(await ask(GET, '502')).toMatch(/^HTTP\/1\.1 502 /);
  expect(pair.seen).toHaveLength(1);
  expect(counts().faults.bad_answer).toBe(1);
});

test('after a byte of an answer nothing is asked again', async () => {
  await start({}, (socket, at) => void (at === 0 ? socket.write(OK) : socket.end('H')));
  await ask();
  expect(await ask(GET, '502')).toMatch(/^HTTP\/1\.1 502 /);
  expect(pair.seen).toHaveLength(1);
});

test.each([
  ['POST', 'POST', 'Content-Length: 2\r\n\r\nhi'],
  ['POST without a body', 'POST', '\r\n'],
  ['DELETE', 'DELETE', '\r\n'],
  ['PUT in chunks', 'PUT', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'],
  ['GET with a body', 'GET', 'Content-Length: 2\r\n\r\nhi'],
  ['an upgrade', 'GET', 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
])('%s never goes on a connection that may have closed', async (_, method, rest) => {
  await start();
  await ask();
  expect(await ask(`${method} / HTTP/1.1\r\nHost: a.lastfin.test\r\n${rest}`)).toMatch(/ 200 /);
  expect(pair.seen).toHaveLength(2);
  expect(pair.seen[0]).toBe(pair.seen[0]?.slice(0, pair.seen[0].indexOf('\r\n\r\n') + 4));
});

test.each([
  ['POST', 'POST', 'Content-Length: 2\r\n\r\nhi', 1],
  ['PUT in chunks', 'PUT', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n', 1],
  // some servers do not read such a body: it would be the next request
  ['GET with a body', 'GET', 'Content-Length: 2\r\n\r\nhi', 2],
  ['DELETE with a body', 'DELETE', 'Content-Length: 2\r\n\r\nhi', 2],
  ['a refused upgrade', 'GET', 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 2],
])('after %s the connection serves a further request or none', async (_, method, rest, connections) => {
  pair = await startHttpPair();
  pair.answer = (socket, bytes) => {
    const whole = (): boolean => /(hi|0\r\n\r\n|GET [^]*\r\n\r\n)$/.test(pair.seen.at(-1) ?? '');
    if (bytes.includes('hi') || whole()) socket.write(OK);
    socket.on('data', () => whole() && socket.write(OK));
  };
  expect(await ask(`${method} / HTTP/1.1\r\nHost: a.lastfin.test\r\n${rest}`)).toMatch(/ 200 /);
  expect(await ask()).toMatch(/ 200 /);
  expect(pair.seen).toHaveLength(connections);
});

test.each([
  ['says close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok', 'answered'],
  ['is HTTP/1.0', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok', 'answered'],
  ['has bytes behind it', `${OK}X`, 'surplus'],
  ['has a line end behind it', `${OK}\r\n`, 'surplus'],
  ['has another answer behind it', `${OK}${OK}`, 'surplus'],
] as const)('an answer that %s is the last one of its connection', async (_, answer, reason) => {
  await start({}, (socket) => void socket.write(answer));
  await ask();
  await ask();
  expect(pair.seen).toHaveLength(2);
  expect(counts().upstreamEnds[reason]).toBe(2);
});

test('an answer that began before the whole request had come is the last one', async () => {
  await start();
  const client = await pair.open();
  let got = '';
  client.setEncoding('latin1').on('data', (chunk: string) => (got += chunk));
  client.write('POST / HTTP/1.1\r\nHost: a.lastfin.test\r\nContent-Length: 4\r\n\r\nhi');
  await until('the answer', () => got.endsWith('ok'));
  await settled();
  expect(counts()).toMatchObject({ idleUpstreams: 0, upstreamEnds: { answered: 1 } });
  client.write(`ho${GET}`);
  await until('the next answer', () => got.split('\r\n\r\nok').length === 3);
  client.destroy();
  await settled();
});

test.each<[string, (socket: Socket) => void, 'surplus' | 'closed']>([
  ['bytes', (socket) => void socket.write(OK), 'surplus'],
  ['its end', (socket) => void socket.end(), 'closed'],
  ['a reset', (socket) => void socket.resetAndDestroy(), 'closed'],
])('an idle connection is closed at once at %s, and reaches nobody', async (_, disturb, reason) => {
  await start();
  await ask();
  for (const socket of pair.upstreams) disturb(socket);
  await until('its end', () => counts().upstreamEnds[reason] === 1 && pair.upstreams.size === 0);
  expect(counts().idleUpstreams).toBe(0);
  expect(await ask()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/);
});

test('a client that leaves takes its upstream connection with it', async () => {
  let asked = 0;
  await start({}, () => void (asked += 1));
  const client = await pair.open();
  client.write(GET);
  await until('the request', () => asked === 1);
  pair.reset(client);
  await until('the end', () => pair.upstreams.size === 0);
  await settled();
  expect(counts()).toMatchObject({ idleUpstreams: 0, upstreamEnds: { client: 1 } });
});

test('idle connections end with the proxy', async () => {
  await start();
  await ask();
  expect(pair.upstreams.size).toBe(1);
  await within('the stop', pair.target.proxy.close());
  await until('the end', () => pair.upstreams.size === 0);
  expect(counts()).toMatchObject({ idleUpstreams: 0, upstreamEnds: { shutdown: 1 } });
});
