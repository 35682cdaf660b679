import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';

import { createCertificates } from '../../lab/certificates.ts';
import { Teardown } from '../../lab/teardown.ts';
import type { LoadSeen } from '../../journal/load-seen.ts';
import type { Load } from '../../scenario/background-load.ts';
import { type Transport, TRANSPORT_WORDS } from '../../scenario/transport.ts';
import { freePort } from '../testing/free-port.ts';
import { roundAlone } from '../testing/round-alone.ts';
import { Upstream } from '../upstream.ts';
import { LoadTally } from './load-tally.ts';
import { loadRun, type LoadRun } from './open-load.ts';

const teardown = new Teardown();
afterEach(() => teardown.run());

const LOAD: Load = {
  connections: 4,
  rate: 200,
  duration: 300,
  pipelining: 1,
  method: 'GET',
  path: '/',
  body: 0,
  answer: 64,
};

type Run = { port: number; transport?: Transport; load?: Partial<Load>; server?: boolean; deadline?: number };

function prepare({ port, transport, load, server = false, deadline = 2000 }: Run): LoadRun {
  const address = { host: '127.0.0.1', port };
  const options = {
    address,
    transport: transport ?? TRANSPORT_WORDS.http,
    lab: { pem: undefined, upstream: address },
    server,
    sample: undefined,
  };
  const { signal } = new AbortController();
  const times = { deadline, signal, starved: () => 0, journalTime: (at: number) => at };
  return loadRun({ ...LOAD, ...load }, options, times);
}

/** Server whose answer to each request the test gives; its connections end with the test. */
async function serve(onRequest: http.RequestListener): Promise<number> {
  const server = http.createServer(onRequest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown.add('a server', () => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as net.AddressInfo).port;
}

const failed = ({ errors }: LoadSeen): number => Object.values(errors).reduce((sum, one) => sum + one, 0);

describe('a load on the upstream of the lab', () => {
  test.each(['http', 'https', 'h2c', 'h2'] as const)('over %s has all its answers', async (word) => {
    const { pem } = await createCertificates(teardown);
    const address = { host: '127.0.0.1', port: await freePort() };
    const transport = TRANSPORT_WORDS[word];
    const lab = { pem, upstream: address };
    const upstream = new Upstream({ address, transport, lab });
    teardown.add('the upstream', () => upstream.close());
    await upstream.listen();
    const load = { ...LOAD, body: 1000, method: 'POST', pipelining: 4 };
    upstream.serve({ round: roundAlone(1), script: [], deadline: 1000, load }, () => undefined);
    const times = { deadline: 5000, signal: new AbortController().signal, starved: () => 0 };
    const options = { address, transport, lab, server: false, sample: undefined };
    const seen = await loadRun(load, options, { ...times, journalTime: (at) => at }).run();
    expect(seen).toMatchObject({ requests: 60, answered: 60, errors: {} });
    expect(seen.sources?.length).toBeLessThanOrEqual(4);
    expect(seen.buckets.reduce((sum, { requests }) => sum + requests, 0)).toBe(60);
    // they are no connections of a script
    expect(upstream.connections).toEqual([]);
  });
});

test.each([
  ['HTTP/1.0', 'HTTP/1.0 200 OK'],
  ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close'],
])('a connection whose end is announced by %s has no request more', async (_, head) => {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.end(`${head}\r\nContent-Length: 64\r\n\r\n${'x'.repeat(64)}`);
    });
  });
  teardown.add('a server', () => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const seen = await prepare({ port: (server.address() as net.AddressInfo).port }).run();
  expect(seen).toMatchObject({ requests: 60, answered: 60, errors: {} });
});

describe('requests fail, each with what was seen', () => {
  test('a server that drops every fifth with its connection', async () => {
    let count = 0;
    const port = await serve(({ socket }, response) => {
      if (++count % 5 === 0) socket.end();
      else response.end(Buffer.alloc(64));
    });
    const seen = await prepare({ port }).run();
    expect(seen.requests).toBe(60);
    expect(seen.errors).toEqual({ end: 12 });
  });

  test('by reset, by status, by an answer cut short, and by one of another length', async () => {
    let count = 0;
    const port = await serve(({ socket }, response) => {
      count++;
      if (count % 6 === 1) socket.resetAndDestroy();
      else if (count % 6 === 2) response.writeHead(503).end();
      else if (count % 6 === 3) {
        response.writeHead(200, { 'content-length': 64 });
        response.write('half', () => socket.end());
      } else response.end(Buffer.alloc(count % 6 === 4 ? 63 : 64));
    });
    const { errors, requests } = await prepare({ port }).run();
    expect(requests).toBe(60);
    expect(errors).toEqual({ reset: 10, 503: 10, truncated: 10, 'wrong-body': 10 });
  });

  test('where nobody answers within the deadline, and where nobody listens', async () => {
    const silent = await serve(() => undefined);
    const late = await prepare({ port: silent, deadline: 200, load: { rate: 20 } }).run();
    expect(late.answered).toBe(0);
    expect(failed(late)).toBe(late.requests);
    expect(late.errors['timeout']).toBeGreaterThan(0);
    const refused = await prepare({ port: await freePort(), load: { connections: 1, rate: 20 } }).run();
    expect(refused.errors).toEqual({ refused: refused.requests });
  });

  test('by a fault that ends its connections, after which they are opened again', async () => {
    const port = await serve((_request, response) => void response.end(Buffer.alloc(64)));
    const run = prepare({ port, load: { rate: 100, duration: 500 } });
    const running = run.run();
    const fault = setInterval(() => run.act('reset'), 100);
    const seen = await running;
    clearInterval(fault);
    expect(seen.requests).toBe(50);
    expect(seen.answered).toBeGreaterThan(30);
    expect(seen.sources?.length).toBeGreaterThan(4);
  });
});

test('without a rate each connection asks again as soon as it has its answer; pipelined answers come in order', async () => {
  const port = await serve((_request, response) => void response.end(Buffer.alloc(64)));
  const seen = await prepare({ port, load: { rate: undefined, pipelining: 5 } }).run();
  expect(seen.errors).toEqual({});
  expect(seen.requests).toBeGreaterThan(20);
});

test('a server by itself may answer with any bytes', async () => {
  const port = await serve((_request, response) => void response.end('its own'));
  expect((await prepare({ port, server: true }).run()).errors).toEqual({});
});

test('latencies count from when a request was due, less starvation', () => {
  const tally = new LoadTally();
  for (let at = 0; at < 100; at++) tally.add(at * 10, at * 10 + (at === 50 ? 500 : 5));
  tally.add(990, 1000, '502');
  const sum = (starved: number): LoadSeen =>
    tally.sum(
      { began: 0, ended: 1000 },
      (from, to) => (to - from > 100 ? starved : 0),
      (at) => at + 1000,
    );
  expect(sum(0)).toMatchObject({
    requests: 101,
    answered: 100,
    p50: 5,
    p99: 5,
    errors: { 502: 1 },
    width: 100,
  });
  expect(sum(0).buckets.find(({ p99 }) => p99 === 500)).toMatchObject({ t: 2000 });
  expect(sum(495).buckets.every(({ p99 = 0 }) => p99 <= 5)).toBe(true);
  expect(sum(0).buckets.at(-1)).toMatchObject({ errors: { 502: 1 } });
});
