import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as passed } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Limits } from '../../../limits/limits.ts';
import { frame } from '../../../testing/h2-frame.ts';
import { startH2Pair } from '../../../testing/h2-pair.ts';
import type { H2Pair } from '../../../testing/h2-pair.ts';
import { until } from '../../../testing/peers.ts';
import { answerOf, openStreams, request } from '../../../testing/stream-client.ts';
import type { StreamClient } from '../../../testing/stream-client.ts';

/** Bytes with which a client of HTTP/2 begins. */
const PREFACE = 24;

let pair: H2Pair;
let client: StreamClient;
let server: Server;
/** sockets of the upstream, in the order of their accepts */
let sockets: Socket[];
/** streams of requests that have come, by connection */
let requests: number[][];
/** sockets on which the proxy has sent GOAWAY */
let goaways: Set<Socket>;
let onRequest: (socket: Socket, stream: number) => void;
let greeting: (socket: Socket) => void;

beforeEach(async () => {
  sockets = [];
  requests = [];
  goaways = new Set();
  greeting = (socket) => void socket.write(frame(4, 0, 0));
  onRequest = answer;
  server = createServer((socket) => {
    const at = sockets.push(socket.on('error', () => {})) - 1;
    const seen: number[] = [];
    requests[at] = seen;
    greeting(socket);
    let unread = Buffer.alloc(0);
    let skip = PREFACE;
    socket.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      for (;;) {
        const end = skip + 9 + (unread.length < skip + 9 ? Infinity : unread.readUIntBE(skip, 3));
        if (unread.length < end) return;
        const [type, flags] = [unread[skip + 3], unread[skip + 4]];
        const stream = unread.readUInt32BE(skip + 5);
        unread = unread.subarray(end);
        skip = 0;
        if (type === 4 && flags === 0) socket.write(frame(4, 1, 0));
        if (type === 7) goaways.add(socket);
        if (type !== 1) continue;
        seen.push(stream);
        onRequest(socket, stream);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  client.session.close();
  for (const socket of sockets) socket.destroy();
  await until('the end of all', () => {
    const { streams, upstreams, idleUpstreams, upstreamStreams } = pair.counts();
    return streams + upstreams + idleUpstreams + upstreamStreams === 0;
  });
  await pair.finish();
  server.close();
});

async function start(limits: Partial<Limits> = {}): Promise<void> {
  const upstream = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  pair = await startH2Pair(limits, { upstream });
  client = await openStreams(pair.target.port);
}

/** Answers by 200 without a body. */
function answer(socket: Socket, stream: number): void {
  socket.write(frame(1, 5, stream, Buffer.from([0x88])));
}

const BROKEN: [string, (stream: number) => Buffer][] = [
  ['DATA that is too large', (stream) => frame(0, 0, stream, Buffer.alloc(16_385))],
  ['CONTINUATION without HEADERS', (stream) => frame(9, 4, stream, Buffer.from([0, 1, 120, 1, 49]))],
  ['a head that is no HPACK', (stream) => frame(1, 5, stream, Buffer.from([0x80]))],
  ['DATA on no stream', () => frame(0, 0, 0, Buffer.from('x'))],
  ['PUSH_PROMISE, which was switched off', (stream) => frame(5, 4, stream, Buffer.from([0, 0, 0, 2, 0x82]))],
];

test.each(BROKEN)('%s: the next request goes elsewhere, and what was under way ends', async (_, broken) => {
  await start();
  onRequest = (socket, stream) => void socket.write(broken(stream));
  const first = answerOf(request(client, { ':method': 'DELETE' }));
  await until('the request', () => requests[0]?.length === 1);
  await until('GOAWAY of the proxy', () => goaways.has(sockets[0]!));
  onRequest = answer;
  const second = answerOf(request(client, { ':method': 'DELETE' }));
  expect(await second).toMatchObject({ status: 200 });
  expect(await first).toMatchObject({ status: 502 });
  // each of them came once
  expect(requests).toEqual([[1], [1]]);
});

test('a session that was broken ends by itself, also while it is being closed', async () => {
  await start();
  const last = Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
  onRequest = (socket, stream) => {
    if (sockets.length > 1) socket.write(frame(7, 0, 0, last));
    socket.write(frame(0, 0, stream, Buffer.alloc(16_385)));
  };
  expect(await answerOf(request(client, { ':method': 'DELETE' }))).toMatchObject({ status: 502 });
  expect(await answerOf(request(client, { ':method': 'DELETE' }))).toMatchObject({ status: 502 });
  await until('the end of both connections', () => pair.counts().upstreams === 0);
  expect(requests).toEqual([[1], [1]]);
});

// up to its version 1.68 nghttp2 aborts the process (CVE-2026-27135)
test.each([
  ['an answer', (stream: number) => frame(1, 5, stream, Buffer.from([0x88]))],
  [
    'the end of a body',
    (stream: number) =>
      Buffer.concat([frame(1, 4, stream, Buffer.from([0x88])), frame(0, 1, stream, Buffer.from('x'))]),
  ],
  ['an error', () => frame(7, 0, 0, Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]))],
])('a frame of a wrong size behind %s that ends the session does not end the process', async (_, ending) => {
  await start();
  const goaway = frame(7, 0, 0, Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]));
  onRequest = (socket, stream) =>
    void socket.write(Buffer.concat([goaway, ending(stream), frame(6, 0, 0, Buffer.alloc(7))]));
  expect([200, 502]).toContain((await answerOf(request(client))).status);
  onRequest = answer;
  expect(await answerOf(request(client))).toMatchObject({ status: 200 });
});

test('a connection that ends with REFUSED_STREAM refuses no stream that it may have processed', async () => {
  await start();
  onRequest = (socket) => void socket.write(frame(7, 0, 0, Buffer.from([0, 0, 0, 1, 0, 0, 0, 7])));
  expect(await answerOf(request(client, { ':method': 'DELETE' }))).toMatchObject({ status: 502 });
  expect(requests).toEqual([[1]]);
});

test('an upstream that is silent is asked once whether it is well, and stays', async () => {
  await start();
  let asked = 0;
  onRequest = (socket) => {
    socket.on('data', (chunk: Buffer) => {
      if (chunk.length !== 17 || chunk[3] !== 6) return;
      asked += 1;
      socket.write(frame(6, 1, 0, chunk.subarray(9)));
    });
    setTimeout(() => answer(socket, 1), 4000);
  };
  expect(await answerOf(request(client))).toMatchObject({ status: 200 });
  expect(asked).toBe(1);
});

test('SETTINGS that come byte by byte have the time of the connect', async () => {
  greeting = (socket) => {
    socket.write(frame(4, 0, 0, Buffer.alloc(6000)).subarray(0, 9));
    const drip = setInterval(() => socket.write(Buffer.alloc(1)), 20);
    socket.once('close', () => clearInterval(drip));
  };
  await start({ connectTimeout: 300 });
  expect(await answerOf(request(client))).toMatchObject({ status: 502 });
  expect(pair.counts().upstreamEnds).toMatchObject({ not_connected: 1 });
});

/** Head of an answer with a length, which does not end its stream. */
const head = (stream: number, length: number): Buffer =>
  frame(1, 4, stream, Buffer.from([0x88, 0x0f, 0x0d, 1, 0x30 + length]));

test.each([
  ['more than none', 0, ['x'], 'none'],
  ['more than announced', 2, ['ok', 'x'], 'none'],
  ['as much as announced in parts', 2, ['o', 'k'], 200],
  ['none', 0, [''], 200],
])(
  'a client of HTTP/1.1 never has a whole answer of an upstream that sends another length: %s',
  async (_, length, parts, status) => {
    await start();
    const asked = askPlainly();
    onRequest = async (socket, stream) => {
      socket.write(head(stream, length));
      for (const part of parts) {
        // time to pass on what has come, if that is passed on
        await Promise.race([once(asked.socket, 'data'), passed(100)]);
        socket.write(frame(0, 0, stream, Buffer.from(part)));
      }
      socket.write(frame(0, 1, stream, Buffer.alloc(0)));
    };
    const [came, body = ''] = (await asked.answer).split('\r\n\r\n');
    if (status === 200) {
      expect(came).toMatch(/^HTTP\/1\.1 200 /);
      expect(body).toBe(parts.join(''));
    } else if (length === 0) expect(came).toBe('');
    else expect(body.length).toBeLessThan(length);
  },
);

/** GET over HTTP/1.1, and all bytes that come until the end of its connection. */
function askPlainly(): { socket: TLSSocket; answer: Promise<string> } {
  const servername = 'a.lastfin.test';
  const socket = connect({ port: pair.target.port, servername, rejectUnauthorized: false });
  socket.write(`GET / HTTP/1.1\r\nHost: ${servername}\r\nConnection: close\r\n\r\n`);
  return { socket, answer: text(socket) };
}
