import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OK, startHttpPair } from '../testing/http-pair.ts';
import type { HttpPair } from '../testing/http-pair.ts';
import { within } from '../testing/peers.ts';
import { allowedTrailers, announcedTrailers } from './trailers.ts';

const HOST = 'Host: a.lastfin.test\r\n';
const WANTS = 'TE: trailers\r\nConnection: TE, close\r\n';
const HEAD = 'HTTP/1.1 200 OK\r\nTrailer: X-Sum, Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n';
const ANSWER = `${HEAD}2\r\nok\r\n0\r\nX-Sum: 7\r\nContent-Length: 99\r\nX-More: 1\r\n\r\n`;

let pair: HttpPair;
beforeAll(async () => {
  pair = await startHttpPair();
});
beforeEach(async () => {
  for (const socket of pair.upstreams) socket.destroy();
  const gone = async (): Promise<void> => {
    const { http } = pair.target.proxy.metrics();
    if (http.idleUpstreams === 0) return;
    await new Promise((resolve) => void setImmediate(resolve));
    await gone();
  };
  await within('the end of what was idle', gone());
  pair.seen.length = 0;
  pair.answer = (socket) => void socket.end(ANSWER);
});
afterAll(() => pair.finish());

test('who wants trailers gets those of the answer, but none that frames or routes', async () => {
  const got = await pair.send(`GET / HTTP/1.1\r\n${HOST}${WANTS}\r\n`);
  expect(got).toMatch(/\r\nTrailer: x-sum\r\n/);
  expect(got).toMatch(/\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\nX-More: 1\r\n\r\n$/);
  expect(pair.seen[0]).toMatch(/\r\nTE: trailers\r\nConnection: TE\r\n/);
});

test.each([
  ['says nothing', `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`],
  [
    'does not say it for its connection',
    `GET / HTTP/1.1\r\n${HOST}TE: trailers\r\nConnection: close\r\n\r\n`,
  ],
  ['wants another encoding', `GET / HTTP/1.1\r\n${HOST}TE: gzip\r\nConnection: TE, close\r\n\r\n`],
  ['speaks HTTP/1.0', `GET / HTTP/1.0\r\n${HOST}TE: trailers\r\nConnection: TE\r\n\r\n`],
  ['asks for the head only', `HEAD / HTTP/1.1\r\n${HOST}${WANTS}\r\n`],
])('a client that %s gets none', async (_, bytes) => {
  const got = await pair.send(bytes);
  expect(got).toMatch(/^HTTP\/1\.1 200 /);
  expect(got).not.toMatch(/trailer|x-sum|x-more/i);
  expect(pair.seen[0]).not.toMatch(/^te:/im);
});

test.each([
  ['has a length', OK.replace('\r\n\r\n', '\r\nTrailer: X-Sum\r\n\r\n'), /\r\n\r\nok$/],
  ['lasts until the end', 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\n\r\nok', /\r\n\r\n2\r\nok\r\n0\r\n\r\n$/],
  ['has no body', 'HTTP/1.1 304 No\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n', /\r\n\r\n$/],
])('an answer that %s has none, whatever it announces', async (_, answer, end) => {
  pair.answer = (socket) => void socket.end(answer);
  const got = await pair.send(`GET / HTTP/1.1\r\n${HOST}${WANTS}\r\n`);
  expect(got).toMatch(end);
  expect(got).not.toMatch(/^trailer:/im);
});

test('trailers of a request are passed on if they were announced', async () => {
  const whole = (): boolean => (pair.seen[0] ?? '').includes('\r\n0\r\n');
  const answer = (socket: Socket): void => {
    if (whole()) socket.end(OK);
  };
  pair.answer = (socket) => {
    answer(socket);
    socket.on('data', () => answer(socket));
  };
  const fields = 'Trailer: X-Sum, X_Forwarded_For, Authorization, Host\r\n';
  const head = `POST / HTTP/1.1\r\n${HOST}${fields}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  const trailers = 'X-Sum: 7\r\nX_Forwarded_For: 1\r\nAuthorization: x\r\nHost: b\r\nX-More: 1\r\n';
  expect(await pair.send(`${head}2\r\nhi\r\n0\r\n${trailers}\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  expect(pair.seen[0]).toMatch(/\r\nTrailer: x-sum\r\n/);
  expect(pair.seen[0]).toMatch(/\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n$/);
});

test('a trailer is no header of the next request on the connection', async () => {
  pair.answer = (socket) => {
    socket.write(OK);
    socket.on('data', () => void socket.end(OK));
  };
  const post = `POST / HTTP/1.1\r\n${HOST}Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 7\r\n\r\n`;
  const got = await pair.send(`${post}GET /2 HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
  expect(got.match(/ 200 OK/g)).toHaveLength(2);
  expect(pair.seen.join('').split('GET /2')[1]).not.toContain('X-Sum');
});

test("Node's own client reads the trailers", async () => {
  const socket = await pair.open();
  const asked = request({
    createConnection: () => socket,
    headers: { host: 'a.lastfin.test', te: 'trailers', connection: 'TE, close' },
  }).end();
  const [answer] = await within('the answer', once(asked, 'response'));
  await within('its end', once(answer.resume(), 'end'));
  expect(answer.trailers).toEqual({ 'x-sum': '7', 'x-more': '1' });
  socket.destroy();
});

const FORBIDDEN = [
  'Content-Length',
  'transfer-encoding',
  'HOST',
  'Trailer',
  'TE',
  'Connection',
  'keep-alive',
];
FORBIDDEN.push(
  'authorization',
  'Set-Cookie',
  'X-Forwarded-Host',
  'If-Match',
  'Content_Length',
  'cache-control',
);
test.each(FORBIDDEN)('%s is no trailer', (name) => {
  expect(allowedTrailers([name, '1', 'X-Sum', '7'])).toEqual(['X-Sum', '7']);
  expect(announcedTrailers(['Trailer', `${name}, X-Sum,, x-sum, b@d`])).toEqual(['x-sum']);
});

test('a trailer whose value could not be written is left out', () => {
  expect(allowedTrailers(['A', 'x\u0001', 'B', '2'])).toEqual(['B', '2']);
});
