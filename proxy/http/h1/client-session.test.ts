import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { Clock } from '../../clock/clock.ts';
import type { Limits } from '../../limits/limits.ts';
import { recordClientHello } from '../../testing/client-hello.ts';
import { OK, startHttpPair } from '../../testing/http-pair.ts';
import type { HttpPair } from '../../testing/http-pair.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { openClient, within } from '../../testing/peers.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a.lastfin.test\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a.lastfin.test\r\nContent-Length: 100000\r\n\r\n';

let pair: HttpPair;
afterEach(() => pair.finish());

async function start(limits: Partial<Limits> = {}, clock?: Clock): Promise<void> {
  pair = await startHttpPair(limits, clock);
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const wait = async (): Promise<void> => {
    while (!holds()) await new Promise((resolve) => void setImmediate(resolve));
  };
  await within(what, wait());
}

test('a client that pipelines has one upstream at a time, and all of it ends with the client', async () => {
  await start();
  pair.answer = () => {};
  const client = await pair.open();
  client.write(REQUEST.repeat(100));
  await until('the first request', () => pair.seen.join('') !== '');
  // a later client that reaches its timeout shows that this one's time is over, too
  const other = await pair.open();
  await until('the other handshake', () => pair.target.proxy.metrics().tlsTerminatedConnections === 2);
  pair.reset(other);
  expect(pair.seen).toHaveLength(1);
  expect(pair.target.proxy.metrics().http.upstreams).toBe(1);
  pair.reset(client);
  await pair.target.ends(2);
  await until('the end of the upstream', () => pair.upstreams.size === 0);
  await until('the figure', () => pair.target.proxy.metrics().http.upstreams === 0);
});

test('100 pipelined requests are answered in their order', async () => {
  await start();
  pair.answer = (socket, bytes) => {
    const path = /^GET \/(\d+)/.exec(bytes)?.[1] ?? '';
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
  };
  const requests = Array.from({ length: 100 }, (_, at) => REQUEST.replace('/ ', `/${at} `));
  const got = await pair.send(requests.join(''), { until: '\r\n\r\n99' });
  const bodies = [...got.matchAll(/\r\n\r\n(\d+)/g)].map(([, body]) => Number(body));
  expect(bodies).toEqual(requests.map((_, at) => at));
});

test('requests without end: nothing more is read, and the connection ends', async () => {
  await start();
  pair.answer = () => {};
  await pair.send(REQUEST.repeat(2000));
  expect(pair.seen.length).toBeLessThanOrEqual(1);
  expect(pair.target.proxy.metrics().http.faults.too_many_waiting).toBe(1);
});

test.each([
  ['a head that stands still', 'GET / HTTP/1.1\r\nHost: a'],
  ['the head of a second request', `${REQUEST}GET /2 HT`],
])('%s has its time: 408', async (_, bytes) => {
  const clock = createManualClock();
  await start({ headerTimeout: 1000 }, clock);
  const client = await pair.open();
  await until('the handshake', () => pair.target.proxy.metrics().tlsTerminatedConnections === 1);
  let got = '';
  client.setEncoding('latin1').on('data', (chunk: string) => (got += chunk));
  const second = bytes.indexOf('GET /2');
  client.write(second > 0 ? bytes.slice(0, second) : bytes);
  if (second > 0) {
    await until('the first answer', () => got.endsWith('ok'));
    client.write(bytes.slice(second));
  }
  const ended = once(client, 'end');
  const deadline = Date.now() + 4000;
  while (!got.includes(' 408 ') && Date.now() < deadline) {
    // a byte in between does not restart the timer: it covers the whole head
    client.write('x');
    clock.advance(125);
    await new Promise((resolve) => void setImmediate(resolve));
  }
  await within('the end', ended);
  client.end();
  const [end] = await pair.target.ends(1);
  expect(end).toMatchObject({ incoming: 'initial_timeout', outgoing: 'initial_timeout' });
  expect(pair.target.proxy.metrics().http.faults.header_timeout).toBe(1);
});

test('between two requests the clock of heads stands still', async () => {
  const clock = createManualClock();
  await start({ headerTimeout: 1000 }, clock);
  const client = await pair.open();
  let got = '';
  client.setEncoding('latin1').on('data', (chunk: string) => (got += chunk));
  await until('the handshake', () => pair.target.proxy.metrics().tlsTerminatedConnections === 1);
  clock.advance(60_000);
  client.write(REQUEST);
  await until('an answer', () => got.endsWith('ok'));
  clock.advance(60_000);
  client.write(REQUEST);
  await until('another answer', () => got.split('\r\n\r\nok').length === 3);
  client.end();
  await pair.target.ends(1);
});

test.each([
  ['one that drips ends', 1, 408],
  ['one that goes on passes', 400, 200],
])('a body must come: %s', async (_, step, status) => {
  const clock = createManualClock();
  await start({ bodyTimeout: 1000, bodyMinimum: 1000 }, clock);
  pair.answer = () => {};
  const client = await pair.open();
  let got = '';
  client.setEncoding('latin1').on('data', (chunk: string) => (got += chunk));
  client.write(POST);
  let sent = 0;
  const body = (): number => (pair.seen[0] ?? '').replace(/^[^]*?\r\n\r\n/, '').length;
  for (let at = 0; at < 80 && !got.includes(' 408 '); at += 1) {
    client.write('x'.repeat(step));
    sent += step;
    await until('the body', () => body() >= sent || got.includes(' 408 ') || client.readableEnded);
    clock.advance(125);
  }
  if (status === 200) {
    client.write('x'.repeat(100_000 - sent));
    await until('the whole body', () => body() === 100_000);
    for (const socket of pair.upstreams) socket.end(OK);
  }
  await until('the answer', () => got.includes(` ${status} `));
  client.end();
  const [end] = await pair.target.ends(1);
  if (status === 408) expect(end).toMatchObject({ incoming: 'inactivity', outgoing: 'inactivity' });
});

test('the clock of a handshake begins with its first byte, however slowly the others come', async () => {
  const clock = createManualClock();
  await start({ handshakeTimeout: 1000, initialTimeout: 60_000 }, clock);
  const client = await openClient(pair.target.port);
  const hello = await recordClientHello('a.lastfin.test');
  for (let at = 0; at < 9; at += 1) {
    client.socket.write(hello.subarray(at, at + 1));
    await until('a byte', () => pair.target.proxy.statistics().accepted === 1);
    await new Promise((resolve) => void setImmediate(resolve));
    clock.advance(at === 8 ? 2000 : 100);
  }
  await client.ended;
  client.socket.end();
  expect(await pair.target.ends(1)).toMatchObject([{ incoming: 'handshake_timeout' }]);
});
