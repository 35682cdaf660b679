import { once } from 'node:events';
import { constants } from 'node:http2';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OK, startHttpPair } from '../../testing/http-pair.ts';
import type { HttpPair } from '../../testing/http-pair.ts';
import type { Limits } from '../../limits/limits.ts';
import { frame, literal } from '../../testing/h2-frame.ts';
import { createManualClock } from '../../testing/manual-clock.ts';
import { until, within } from '../../testing/peers.ts';
import { answerOf, goawayOf, openStreams, openTls, request } from '../../testing/stream-client.ts';
import type { HttpCounts } from '../http-figures.ts';

const LIMITS: Partial<Limits> = {
  idleUpstreamTimeout: 0,
  controlBytes: 10_000,
  streamResets: 50,
  headerTimeout: 200,
  bodyTimeout: 200,
  answerTimeout: 200,
};
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

let pair: HttpPair;
const counts = (): HttpCounts => pair.target.proxy.metrics().http;

beforeEach(async () => {
  pair = await startHttpPair(LIMITS);
  pair.answer = (socket) => void socket.write(OK);
});
afterEach(async () => {
  await pair.finish();
  await until('the end of all', () => counts().streams + counts().sessions + counts().upstreams === 0);
  const { streamsOpened, streamEnds } = counts();
  expect(Object.values(streamEnds).reduce((sum, count) => sum + count, 0)).toBe(streamsOpened);
});

const SETTINGS = frame(4, 0, 0);
/** GET, https, /, and an authority of HPACK's literal form. */
const HOST = Buffer.from('a.lastfin.test');
const HEAD = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x41, HOST.length]), HOST]);
const OTHERS: Record<string, Buffer> = {
  connection: literal('connection', 'close'),
  'transfer-encoding': literal('transfer-encoding', 'chunked'),
  upgrade: literal('upgrade', 'h2c'),
  te: literal('te', 'gzip'),
  ':path twice': Buffer.from([0x84]),
  ':other': literal(':other', '1'),
  'X-Large': literal('X-Large', '1'),
};
const many = (count: number, bytes: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => bytes));

test.each([
  ['PING', many(2000, frame(6, 0, 0, Buffer.alloc(8)))],
  ['SETTINGS', many(2000, SETTINGS)],
  ['PRIORITY', many(2000, frame(2, 0, 3, Buffer.from([0, 0, 0, 0, 1])))],
  [
    'empty DATA',
    Buffer.concat([
      frame(1, 4, 1, Buffer.concat([Buffer.from([0x83]), HEAD.subarray(1)])),
      many(4000, frame(0, 0, 1)),
    ]),
  ],
  [
    'padding',
    Buffer.concat([
      frame(1, 4, 1, Buffer.concat([Buffer.from([0x83]), HEAD.subarray(1)])),
      many(200, frame(0, 8, 1, Buffer.concat([Buffer.from([254]), Buffer.alloc(255)]))),
    ]),
  ],
  ['CONTINUATION', Buffer.concat([frame(1, 0, 1, HEAD), many(200, frame(9, 0, 1, OTHERS['upgrade']))])],
  ['empty CONTINUATION', Buffer.concat([frame(1, 0, 1, HEAD), many(2000, frame(9, 0, 1))])],
  [
    'streams that are reset',
    many(
      1,
      Buffer.concat(
        Array.from({ length: 200 }, (_, at) =>
          Buffer.concat([frame(1, 5, 2 * at + 1, HEAD), frame(3, 0, 2 * at + 1, Buffer.from([0, 0, 0, 8]))]),
        ),
      ),
    ),
  ],
  [
    'streams that are faulty',
    many(
      1,
      Buffer.concat(
        Array.from({ length: 400 }, (_, at) => frame(1, 5, 2 * at + 1, Buffer.concat([HEAD, OTHERS['te']!]))),
      ),
    ),
  ],
])(
  'a flood of %s ends the connection with ENHANCE_YOUR_CALM, counted, and nobody else notices',
  async (_, bytes) => {
    const other = await openStreams(pair.target.port);
    const socket = await openTls(pair.target.port);
    let got = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
    });
    socket.write(Buffer.concat([PREFACE, SETTINGS]));
    socket.write(bytes);
    await within('the close', once(socket, 'close'));
    expect(goawaysIn(got)).toContain(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(counts().faults.flood).toBe(1);
    const [end] = await pair.target.ends(1);
    expect(end).toMatchObject({ incoming: 'rejected_limit', outgoing: 'rejected_limit' });
    expect(await answerOf(request(other))).toMatchObject({ status: 200 });
    other.session.close();
  },
);

test.each(Object.entries(OTHERS))('%s is refused, and no upstream hears of it', async (_, field) => {
  const socket = await openTls(pair.target.port);
  let got = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    got = Buffer.concat([got, chunk]);
  });
  socket.write(
    Buffer.concat([PREFACE, SETTINGS, frame(1, 5, 1, Buffer.concat([HEAD, field])), frame(1, 5, 3, HEAD)]),
  );
  const answered = async (): Promise<void> => {
    while (!framesIn(got).some(({ type, stream }) => type === 1 && stream === 3)) await once(socket, 'data');
  };
  await within('the answer to the second stream', answered());
  const refused = framesIn(got).filter(({ stream }) => stream === 1);
  expect(refused.map(({ type }) => type)).toEqual([3]);
  expect(pair.seen).toHaveLength(1);
  socket.destroy();
});

test.each([
  ['no preface', 'GET / HTTP/1.1\r\n\r\n'],
  ['DATA without a stream', Buffer.concat([PREFACE, SETTINGS, frame(0, 0, 0, Buffer.from('x'))])],
  [
    'a frame that is too large',
    Buffer.concat([PREFACE, SETTINGS, Buffer.from([255, 255, 255, 0, 0, 0, 0, 0, 1])]),
  ],
])('%s ends the connection', async (_, bytes) => {
  const socket = await openTls(pair.target.port);
  socket.resume().write(bytes);
  await within('the close', once(socket, 'close'));
  await pair.target.ends(1);
});

// up to its version 1.68 nghttp2 aborts the process (CVE-2026-27135)
test.each([
  ['DATA on a stream that is over', frame(0, 1, 1, Buffer.from('x'))],
  ['HEADERS on a stream that is over', frame(1, 5, 1, HEAD)],
  ['WINDOW_UPDATE of nothing', frame(8, 0, 1, Buffer.alloc(4))],
  ['a head without a method', frame(1, 5, 3, OTHERS['upgrade'])],
  ['RST_STREAM of no stream', frame(3, 0, 9, Buffer.alloc(4))],
  ['GOAWAY with an error', frame(7, 0, 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]))],
])('a frame of a wrong size behind %s does not end the process', async (_, broken) => {
  const socket = await openTls(pair.target.port);
  let isClosed = false;
  socket.on('close', () => (isClosed = true)).resume();
  const wrong = frame(6, 0, 0, Buffer.alloc(7));
  socket.write(Buffer.concat([PREFACE, SETTINGS, frame(1, 5, 1, HEAD), broken, wrong]));
  await until('the end of the connection', () => isClosed);
});

test('frames that break HTTP/2 end what is under way, also if the client has left meanwhile', async () => {
  await pair.finish();
  pair = await startHttpPair({ idleUpstreamTimeout: 0 });
  pair.answer = () => {};
  const socket = await openTls(pair.target.port);
  let got = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    got = Buffer.concat([got, chunk]);
  });
  socket.write(Buffer.concat([PREFACE, SETTINGS, frame(1, 5, 1, HEAD)]));
  await until('the request', () => pair.seen[0] !== undefined && pair.seen[0] !== '');
  socket.write(frame(9, 4, 1, OTHERS['upgrade']));
  await until('GOAWAY', () => goawaysIn(got).length > 0);
  socket.end();
  await until('the end of the upstream', () => counts().upstreams === 0 && counts().streams === 0);
  const [end] = await pair.target.ends(1);
  // Node 20 reads no more; later ones read the end that follows, and end by themselves
  const isDeaf = Number(process.versions.node.split('.')[0]) < 22;
  expect(counts().streamEnds).toEqual(isDeaf ? { error: 1 } : { socket_end: 1 });
  expect(counts().faults.bad_request).toBe(isDeaf ? 1 : 0);
  expect(end?.incoming).toBe(isDeaf ? 'socket_error' : 'closed_outgoing');
});

test.each([
  ['before its first request', SETTINGS],
  ['after a request', Buffer.concat([SETTINGS, frame(1, 5, 1, HEAD)])],
])('a client that says GOAWAY %s and stays has the time of a half-open connection', async (_, bytes) => {
  await pair.finish();
  pair = await startHttpPair({ ...LIMITS, headerTimeout: 50, halfOpenTimeout: 500 });
  pair.answer = (socket) => void socket.write(OK);
  const socket = await openTls(pair.target.port, { allowHalfOpen: true });
  socket.resume().write(Buffer.concat([PREFACE, bytes, frame(7, 0, 0, Buffer.alloc(8))]));
  const [end] = await pair.target.ends(1);
  expect(end).toMatchObject({ incoming: 'half_open_timeout' });
  expect(Object.values(counts().faults).reduce((sum, count) => sum + count, 0)).toBe(0);
  socket.destroy();
});

test('more streams at a time than are allowed have to wait', async () => {
  await pair.finish();
  pair = await startHttpPair({ ...LIMITS, maxStreams: 3 });
  pair.answer = (socket) => void setTimeout(() => socket.end(OK), 20);
  const client = await openStreams(pair.target.port);
  const answers = await Promise.all(Array.from({ length: 12 }, () => answerOf(request(client))));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
  client.session.close();
});

test('no HTTP/2 is offered where no stream is allowed', async () => {
  await pair.finish();
  pair = await startHttpPair({ ...LIMITS, maxStreams: 0 });
  const socket = await openTls(pair.target.port, { alpn: ['h2', 'http/1.1'] });
  expect(socket.alpnProtocol).toBe('http/1.1');
  socket.destroy();
});

test('a head that never ends has its time', async () => {
  const socket = await openTls(pair.target.port);
  socket.resume().write(Buffer.concat([PREFACE, SETTINGS, frame(1, 0, 1, HEAD)]));
  await within('the close', once(socket, 'close'));
  const [end] = await pair.target.ends(1);
  expect(end).toMatchObject({ incoming: 'initial_timeout' });
  expect(counts().faults.header_timeout).toBe(1);
});

test('a connection that is idle after its frames stays', async () => {
  const client = await openStreams(pair.target.port);
  await answerOf(request(client));
  let pings = 0;
  client.session.on('ping', () => (pings += 1));
  await until('a PING', () => pings === 1);
  await new Promise((resolve) => void setTimeout(resolve, 700));
  expect(pings).toBe(1);
  expect(await answerOf(request(client))).toMatchObject({ status: 200 });
  client.session.close();
});

test('a connection without a stream has its time', async () => {
  await pair.finish();
  pair = await startHttpPair({ ...LIMITS, idleSessionTimeout: 200 });
  const client = await openStreams(pair.target.port);
  expect(await goawayOf(client)).toBe('NO_ERROR');
  const [end] = await pair.target.ends(1);
  expect(end).toMatchObject({ incoming: 'inactivity' });
});

test('a connection whose streams are short is not one without a stream', async () => {
  await pair.finish();
  const clock = createManualClock();
  pair = await startHttpPair({ idleUpstreamTimeout: 0, idleSessionTimeout: 1000 }, clock);
  const client = await openStreams(pair.target.port);
  for (let count = 0; count < 4; count += 1) {
    expect(await answerOf(request(client))).toMatchObject({ status: 200 });
    await until('the end of the stream', () => counts().streams === 0);
    clock.advance(900);
  }
  let isTold = false;
  client.session.once('goaway', () => (isTold = true));
  await until('GOAWAY', () => {
    clock.advance(100);
    return isTold;
  });
});

test('a body that trickles has its time: 408', async () => {
  pair.answer = () => {};
  const client = await openStreams(pair.target.port);
  const stream = request(client, { ':method': 'POST' }, { endStream: false });
  stream.write('x');
  expect(await answerOf(stream)).toMatchObject({ status: 408 });
  expect(counts().streamEnds).toEqual({ inactivity: 1 });
  client.session.close();
});

test('a window that stays shut has its time, and the connection goes on', async () => {
  pair.answer = flood;
  const client = await openStreams(pair.target.port);
  const stream = request(client);
  const closed = new Promise((resolve) => void stream.once('close', resolve));
  await within('the head', once(stream, 'response'));
  stream.once('aborted', () => stream.resume());
  await within('the end of the stream', Promise.race([closed, once(stream, 'aborted')]));
  expect(counts().faults.answer_timeout).toBe(1);
  expect(counts().streamEnds).toEqual({ inactivity: 1 });
  pair.answer = (socket) => void socket.end(OK);
  expect(await answerOf(request(client))).toMatchObject({ status: 200 });
  client.session.close();
});

test('told to stop, it says so, answers what is under way, and ends', async () => {
  await pair.finish();
  pair = await startHttpPair({ ...LIMITS, shutdownGrace: 5000 });
  pair.answer = () => {};
  const client = await openStreams(pair.target.port);
  const answer = answerOf(request(client));
  await until('the request', () => pair.seen.length > 0);
  const goaway = goawayOf(client);
  const closed = pair.target.proxy.close();
  expect(await goaway).toBe('NO_ERROR');
  for (const socket of pair.upstreams) socket.end(OK);
  expect(await answer).toMatchObject({ status: 200, body: 'ok' });
  await within('the stop', closed);
  const [end] = await pair.target.ends(1);
  expect(end).toMatchObject({ incoming: 'shutdown', outgoing: 'shutdown' });
  expect(counts().streamEnds).toEqual({ normal: 1 });
});

test('what is still under way after the grace is cut', async () => {
  pair.answer = () => {};
  const client = await openStreams(pair.target.port);
  const answer = answerOf(request(client));
  await until('the request', () => pair.seen.length > 0);
  await within('the stop', pair.target.proxy.close());
  expect(await answer).toMatchObject({ status: undefined });
});

/** Answers without an end. */
function flood(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  const more = (): void => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}

type Frame = { type: number; stream: number; payload: Buffer };

function framesIn(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at + 9 <= bytes.length;) {
    const length = bytes.readUIntBE(at, 3);
    frames.push({
      type: bytes[at + 3]!,
      stream: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, at + 9 + length),
    });
    at += 9 + length;
  }
  return frames;
}

function goawaysIn(bytes: Buffer): number[] {
  return framesIn(bytes).flatMap(({ type, payload }) => (type === 7 ? payload.readUInt32BE(4) : []));
}
