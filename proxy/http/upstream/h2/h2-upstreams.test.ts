import { once } from 'node:events';
import { constants, createServer as createHttp2Server } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as passed } from 'node:timers/promises';
import { connect, createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { cancelStream } from '../../../../shared/http2/cancel-stream.ts';
import { createCertificate } from '../../../testing/certificate.ts';
import { startH2Pair } from '../../../testing/h2-pair.ts';
import type { H2Pair } from '../../../testing/h2-pair.ts';
import { until, within } from '../../../testing/peers.ts';
import { answerOf, openStreams, request } from '../../../testing/stream-client.ts';
import type { StreamClient } from '../../../testing/stream-client.ts';

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR } = constants;

let pair: H2Pair;
const clients: StreamClient[] = [];

async function start(...options: Parameters<typeof startH2Pair>): Promise<void> {
  pair = await startH2Pair(...options);
}

async function open(): Promise<StreamClient> {
  const client = await openStreams(pair.target.port);
  clients.push(client);
  return client;
}

afterEach(async () => {
  for (const { session } of clients.splice(0)) session.close();
  await pair.finish();
  await until('the end of all', () => {
    const { streams, sessions, upstreams, idleUpstreams, upstreamStreams } = pair.counts();
    return streams + sessions + upstreams + idleUpstreams + upstreamStreams === 0;
  });
  const { upstreamStreamsOpened, upstreamStreamEnds, upstreamsCreated, upstreamEnds } = pair.counts();
  expect(sum(upstreamStreamEnds)).toBe(upstreamStreamsOpened);
  expect(sum(upstreamEnds)).toBe(upstreamsCreated);
});

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

test('requests of many clients share one connection', async () => {
  await start();
  const [one, two] = [await open(), await open()];
  const answers = await Promise.all([one, two, one, two].map((client) => answerOf(request(client))));
  expect(answers).toMatchObject(Array.from({ length: 4 }, () => ({ status: 200, body: 'ok' })));
  expect(pair.sessions).toHaveLength(1);
  expect(pair.counts()).toMatchObject({
    upstreams: 0,
    idleUpstreams: 1,
    upstreamStreamEnds: { answered: 4 },
  });
  expect(pair.seen[0]).toMatchObject({
    ':method': 'GET',
    ':scheme': 'http',
    ':authority': 'a.lastfin.test',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'https',
  });
});

test('bodies and trailers pass both ways', async () => {
  await start();
  let got = '';
  let trailers: unknown;
  pair.answer = (stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('trailers', (given) => {
      trailers = given;
    });
    stream.setEncoding('latin1').on('data', (chunk: string) => {
      got += chunk;
      stream.write(chunk);
    });
    stream.on('end', () => stream.end());
  };
  const client = await open();
  const stream = request(
    client,
    { ':method': 'POST', te: 'trailers', trailer: 'x-sum' },
    { endStream: false, waitForTrailers: true },
  );
  stream.once('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7' }));
  stream.write('a');
  await within('the first part', once(stream, 'response'));
  stream.end('b'.repeat(200_000));
  const answer = await answerOf(stream);
  expect(answer.body.length).toBe(200_001);
  expect(got.length).toBe(200_001);
  expect(answer.trailers).toMatchObject({ 'grpc-status': '0' });
  expect(trailers).toMatchObject({ 'x-sum': '7' });
  expect(pair.seen[0]).toMatchObject({ te: 'trailers' });
});

test('a body that turns out to be empty ends', async () => {
  await start();
  pair.answer = (stream) => {
    stream.resume().once('end', () => {
      if (!stream.destroyed) stream.respond({ ':status': 204 }, { endStream: true });
    });
  };
  const client = await open();
  for (let count = 0; count < 2; count += 1) {
    const stream = request(client, { ':method': 'POST' }, { endStream: false });
    stream.end();
    expect(await answerOf(stream)).toMatchObject({ status: 204 });
    const later = request(client, { ':method': 'POST' }, { endStream: false });
    await until('the request', () => pair.seen.length === 2 * count + 2);
    later.end();
    expect(await answerOf(later)).toMatchObject({ status: 204 });
  }
});

test('a client of HTTP/1.1 gets the answer, chunked, and its connection goes on', async () => {
  await start();
  const socket = openHttp1();
  let got = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    got += chunk;
  });
  for (const count of [1, 2]) {
    socket.write('POST / HTTP/1.1\r\nHost: a.lastfin.test\r\nContent-Length: 3\r\n\r\nabc');
    await until('an answer', () => got.split('0\r\n\r\n').length > count);
  }
  expect(got).toContain('HTTP/1.1 200 OK\r\n');
  expect(pair.seen[1]).toMatchObject({ ':method': 'POST', 'content-length': '3' });
  expect(pair.sessions).toHaveLength(1);
  socket.destroy();
});

test('an upgrade is asked for as if it were none', async () => {
  await start();
  const socket = openHttp1();
  socket.write('GET / HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
  const [chunk] = (await within('the answer', once(socket, 'data'))) as [Buffer];
  expect(chunk.toString('latin1')).toMatch(/^HTTP\/1.1 200 /);
  expect(pair.seen[0]).not.toHaveProperty('upgrade');
  socket.destroy();
});

test('over TLS by ALPN', async () => {
  await start({}, { tls: true });
  expect(await answerOf(request(await open()))).toMatchObject({ status: 200 });
  expect(pair.seen[0]).toMatchObject({ ':scheme': 'https' });
});

test('an upstream over TLS without ALPN is answered by 502', async () => {
  const { certificate, key } = await createCertificate();
  const stranger = createTlsServer({ cert: certificate, key }, (socket) =>
    socket.on('error', () => {}).resume(),
  );
  stranger.listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  const upstreamTls = { ca: certificate, serverName: 'a.lastfin.test' };
  await start({}, { upstream: { host: '127.0.0.1', port }, upstreamTls });
  expect(await answerOf(request(await open()))).toMatchObject({ status: 502 });
  expect(pair.counts().upstreamEnds).toMatchObject({ not_connected: 1 });
  expect(pair.target.lines).toContainEqual(
    expect.objectContaining({ cause: expect.stringContaining('ALPN') }),
  );
  stranger.close();
});

test.each([
  ['HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
  ['nothing', ''],
])('an upstream that says %s in place of SETTINGS is answered by 502', async (_, bytes) => {
  const stranger = createServer(
    (socket) =>
      void socket
        .on('error', () => {})
        .resume()
        .write(bytes),
  );
  stranger.listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  await start({ connectTimeout: 200 }, { upstream: { host: '127.0.0.1', port } });
  const client = await open();
  expect(await answerOf(request(client))).toMatchObject({ status: 502 });
  expect(pair.counts().faults.no_upstream).toBe(1);
  await until('the end of the connection', () => pair.counts().upstreams === 0);
  expect(pair.counts().upstreamEnds).toMatchObject({ not_connected: 1 });
  stranger.close();
});

test('an upstream has as many streams at a time as it allows; the next ones have a connection of their own', async () => {
  await start({}, { settings: { maxConcurrentStreams: 2 } });
  const waiting: ServerHttp2Stream[] = [];
  pair.answer = (stream) => void waiting.push(stream);
  const client = await open();
  const answers = Array.from({ length: 5 }, async () => answerOf(request(client)));
  await until('five requests', () => waiting.length === 5);
  expect(pair.sessions).toHaveLength(3);
  for (const stream of waiting) {
    stream.respond({ ':status': 204 }, { endStream: true });
  }
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
});

test('the proxy bounds the streams of a connection, too', async () => {
  await start({ maxUpstreamStreams: 1 });
  const waiting: ServerHttp2Stream[] = [];
  pair.answer = (stream) => void waiting.push(stream);
  const client = await open();
  const answers = [answerOf(request(client)), answerOf(request(client))];
  await until('two requests', () => waiting.length === 2);
  expect(pair.sessions).toHaveLength(2);
  for (const stream of waiting) stream.respond({ ':status': 204 }, { endStream: true });
  await Promise.all(answers);
});

test.each([
  ['CANCEL', NGHTTP2_CANCEL],
  ['NO_ERROR', NGHTTP2_NO_ERROR],
  ['INTERNAL_ERROR', NGHTTP2_INTERNAL_ERROR],
])('an answer that its upstream resets with %s is cut', async (_, code) => {
  await start();
  const client = await open();
  let upstream: ServerHttp2Stream | undefined;
  pair.answer = (asked) => {
    upstream = asked;
    asked.respond({ ':status': 200 });
    asked.write('part');
  };
  const stream = request(client);
  stream.once('data', () => cancelStream(upstream!, code));
  expect(await answerOf(stream)).toMatchObject({ status: 200, body: 'part', reset: 'INTERNAL_ERROR' });
  pair.answer = (next) => next.respond({ ':status': 204 }, { endStream: true });
  expect(await answerOf(request(client))).toMatchObject({ status: 204 });
  expect(pair.sessions).toHaveLength(1);
  expect(pair.counts()).toMatchObject({ upstreamStreamEnds: { failed: 1, answered: 1 } });
  expect(pair.counts().faults.bad_answer).toBe(1);
});

test.each([
  ['CANCEL', NGHTTP2_CANCEL],
  ['NO_ERROR', NGHTTP2_NO_ERROR],
])('a client of HTTP/1.1 sees the cut of an answer that is reset with %s', async (_, code) => {
  await start();
  let upstream: ServerHttp2Stream | undefined;
  pair.answer = (stream) => {
    upstream = stream;
    stream.respond({ ':status': 200 });
    stream.write('part');
  };
  const socket = openHttp1();
  let got = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    got += chunk;
  });
  socket.write('GET / HTTP/1.1\r\nHost: a.lastfin.test\r\n\r\n');
  await until('the part', () => got.includes('part'));
  cancelStream(upstream!, code);
  await within('the close', once(socket, 'close'));
  expect(got).not.toContain('0\r\n\r\n');
});

test('so it does if the reset comes right behind the head', async () => {
  await start();
  pair.answer = (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('part');
    cancelStream(stream, NGHTTP2_CANCEL);
  };
  const socket = openHttp1();
  socket.resume().write('GET / HTTP/1.1\r\nHost: a.lastfin.test\r\n\r\n');
  await within('the close', once(socket, 'close'));
});

test('a reset before the answer is 502, for a POST', async () => {
  await start();
  pair.answer = (stream) => cancelStream(stream, NGHTTP2_INTERNAL_ERROR);
  const stream = request(await open(), { ':method': 'POST' }, { endStream: false });
  stream.end('x');
  expect(await answerOf(stream)).toMatchObject({ status: 502 });
});

test('a stream that the upstream refuses is repeated, but not for ever', async () => {
  await start();
  pair.answer = (stream) => {
    if (pair.seen.length < 3) cancelStream(stream, NGHTTP2_REFUSED_STREAM);
    else stream.respond({ ':status': 204 }, { endStream: true });
  };
  const client = await open();
  expect(await answerOf(request(client, { ':method': 'DELETE' }))).toMatchObject({ status: 204 });
  expect(pair.counts()).toMatchObject({ upstreamStreamEnds: { stale: 2, answered: 1 } });
  pair.answer = (stream) => cancelStream(stream, NGHTTP2_REFUSED_STREAM);
  expect(await answerOf(request(client))).toMatchObject({ status: 502 });
  expect(pair.seen).toHaveLength(6);
});

test('a connection that is lost costs a GET nothing, and a POST its answer', async () => {
  await start();
  const client = await open();
  await answerOf(request(client));
  pair.answer = (stream) => {
    pair.answer = (next) => next.respond({ ':status': 204 }, { endStream: true });
    stream.session?.destroy();
  };
  expect(await answerOf(request(client))).toMatchObject({ status: 204 });
  pair.answer = (stream) => stream.session?.destroy();
  const post = request(client, { ':method': 'POST' }, { endStream: false });
  post.end('x');
  expect(await answerOf(post)).toMatchObject({ status: 502 });
  expect(pair.counts()).toMatchObject({ upstreamStreamEnds: { stale: 1, failed: 1 } });
});

test('after a GOAWAY, streams under way are answered, and new ones go elsewhere', async () => {
  await start();
  const waiting: ServerHttp2Stream[] = [];
  pair.answer = (stream) => void waiting.push(stream);
  const client = await open();
  const first = answerOf(request(client));
  await until('the request', () => waiting.length === 1);
  pair.sessions[0]!.goaway(NGHTTP2_NO_ERROR, 2 ** 31 - 1);
  // the proxy has seen the GOAWAY when the next request comes on a connection of its own
  await until('another connection', () => {
    void answerOf(request(client));
    return pair.sessions.length > 1;
  });
  waiting[0]!.respond({ ':status': 204 }, { endStream: true });
  expect(await first).toMatchObject({ status: 204 });
  await within('the end of the first connection', sessionEnd(0));
  for (const stream of waiting.slice(1)) stream.respond({ ':status': 204 }, { endStream: true });
});

test('a client that cancels leaves the connection to others', async () => {
  await start();
  const waiting: ServerHttp2Stream[] = [];
  pair.answer = (stream) => void waiting.push(stream);
  const client = await open();
  const stream = request(client);
  await until('the request', () => waiting.length === 1);
  const closed = once(waiting[0]!, 'close');
  stream.close(NGHTTP2_CANCEL);
  await within('the cancel at the upstream', closed);
  expect(waiting[0]!.rstCode).toBe(NGHTTP2_CANCEL);
  await until('its end', () => pair.counts().upstreamStreams === 0);
  expect(pair.counts()).toMatchObject({ upstreamStreamEnds: { client: 1 }, idleUpstreams: 1 });
});

test('after a call that was given up, an upstream has to answer a PING before it is asked again', async () => {
  let accepted = 0;
  const living = createHttp2Server((_, response) => void response.writeHead(204).end());
  const upstream = createServer((socket) => {
    accepted += 1;
    // the first one says SETTINGS and nothing else
    if (accepted > 1) living.emit('connection', socket);
    else
      socket
        .on('error', () => {})
        .resume()
        .write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  await start({}, { upstream: { host: '127.0.0.1', port: (upstream.address() as AddressInfo).port } });
  const client = await open();
  const stream = request(client);
  await until('the call', () => pair.counts().upstreamStreams === 1);
  await passed(1100);
  stream.close(NGHTTP2_CANCEL);
  await until('the end of the call', () => pair.counts().upstreamStreams === 0);
  expect(await answerOf(request(client))).toMatchObject({ status: 204 });
  expect(accepted).toBe(2);
  upstream.close();
});

test('clients that leave while the connect is under way end it', async () => {
  await start({ connectTimeout: 0 });
  const client = await open();
  const stream = request(client);
  stream.close(NGHTTP2_CANCEL);
  await within('the close', answerOf(stream));
  await until('the end', () => pair.counts().streams === 0 && pair.counts().upstreams === 0);
});

test('an answer before the end of the body is whole, and the rest is not asked for', async () => {
  await start();
  let reset: number | undefined;
  pair.answer = (stream) => {
    // one that reads nothing is reset by Node itself
    stream.resume().once('close', () => (reset = stream.rstCode));
    stream.respond({ ':status': 413 }, { endStream: true });
  };
  const stream = request(await open(), { ':method': 'POST' }, { endStream: false });
  stream.write('x');
  expect(await answerOf(stream)).toMatchObject({ status: 413, reset: undefined });
  await until('the reset at the upstream', () => reset !== undefined);
  expect(reset).toBe(NGHTTP2_CANCEL);
});

test('a client that takes nothing holds its upstream back', async () => {
  await start();
  let written = 0;
  pair.answer = (stream) => {
    stream.respond({ ':status': 200 });
    const chunk = Buffer.alloc(65_536);
    const more = (): void => {
      let takesMore = true;
      while (takesMore && written < 64 * 2 ** 20) {
        written += chunk.length;
        takesMore = stream.write(chunk);
      }
    };
    stream.on('drain', more);
    more();
  };
  const client = await open();
  const stream = request(client);
  await within('the head', once(stream, 'response'));
  let before = -1;
  while (written !== before) {
    before = written;
    await passed(100);
  }
  expect(written).toBeLessThan(8 * 2 ** 20);
  stream.close(NGHTTP2_CANCEL);
});

test('an idle connection ends by its time', async () => {
  await start({ idleUpstreamTimeout: 100 });
  const client = await open();
  await answerOf(request(client));
  await within('the end by its time', sessionEnd(0));
  expect(pair.counts().upstreamEnds).toMatchObject({ idle: 1 });
});

test('a stop ends idle connections', async () => {
  await start();
  await answerOf(request(await open()));
  await pair.target.proxy.close();
  await until('the end', () => pair.counts().upstreamEnds.shutdown === 1);
});

test('no connection waits where none may', async () => {
  await start({ idleUpstreams: 0 });
  await answerOf(request(await open()));
  await within('the end', sessionEnd(0));
  expect(pair.counts().upstreamEnds).toMatchObject({ full: 1 });
});

async function sessionEnd(at: number): Promise<void> {
  await until('the session', () => pair.sessions[at]?.destroyed === true);
}

function openHttp1(): TLSSocket {
  const { port } = pair.target;
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'a.lastfin.test',
    rejectUnauthorized: false,
  });
  return socket.on('error', () => {});
}
