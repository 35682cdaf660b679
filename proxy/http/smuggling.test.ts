import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OK, startHttpPair } from '../testing/http-pair.ts';
import type { HttpPair } from '../testing/http-pair.ts';
import { within } from '../testing/peers.ts';

const HOST = 'Host: a.lastfin.test\r\n';
const CLOSE = 'Connection: close\r\n';
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a.lastfin.test\r\n\r\n';

let pair: HttpPair;
beforeAll(async () => {
  pair = await startHttpPair();
});
beforeEach(() => {
  pair.seen.length = 0;
  pair.answer = (socket) => void socket.end(OK);
});
afterAll(() => pair.finish());

const head = (line: string, fields = ''): string => `${line} HTTP/1.1\r\n${HOST}${fields}\r\n`;
const chunked = (body: string): string => head('POST /', `Transfer-Encoding: chunked\r\n${CLOSE}`) + body;

// each request, and the status that answers it
test.each<[string, string, number]>([
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', head('GET /', 'Host: b.lastfin.test\r\n'), 400],
  ['twice the same Host', head('GET /', HOST), 400],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
  ['a Host with a user', 'GET / HTTP/1.1\r\nHost: a@a.lastfin.test\r\n\r\n', 400],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: a.lastfin.test/x\r\n\r\n', 400],
  ['a Host with a port that is none', 'GET / HTTP/1.1\r\nHost: a.lastfin.test:99999\r\n\r\n', 400],
  ['another Host than the name of the handshake', 'GET / HTTP/1.1\r\nHost: b.lastfin.test\r\n\r\n', 421],
  ['a target of another host', head('GET http://b.lastfin.test/'), 400],
  ['a target that is none', head('GET *'), 400],
  ['a fragment in the target', head('GET /#x'), 400],
  [
    'length and encoding',
    head('POST /', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n') + `0\r\n\r\n${SMUGGLED}`,
    400,
  ],
  ['two lengths', head('POST /', 'Content-Length: 5\r\nContent-Length: 6\r\n') + SMUGGLED, 400],
  ['a list of lengths', head('POST /', 'Content-Length: 5, 5\r\n') + SMUGGLED, 400],
  ['a length with a sign', head('POST /', 'Content-Length: +5\r\n') + SMUGGLED, 400],
  ['a length in hexadecimal', head('POST /', 'Content-Length: 0x5\r\n') + SMUGGLED, 400],
  ['an encoding that is not chunked', head('POST /', 'Transfer-Encoding: xchunked\r\n') + SMUGGLED, 400],
  [
    'chunked that is not the last one',
    head('POST /', 'Transfer-Encoding: chunked, gzip\r\n') + SMUGGLED,
    400,
  ],
  [
    'twice chunked',
    head('POST /', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n') + SMUGGLED,
    400,
  ],
  ['an empty encoding', head('POST /', 'Transfer-Encoding: \r\n') + SMUGGLED, 400],
  ['a list that begins empty', head('POST /', 'Transfer-Encoding: ,chunked\r\n') + SMUGGLED, 400],
  [
    'an encoding that was not requested',
    head('POST /', 'Transfer-Encoding: gzip, chunked\r\n') + SMUGGLED,
    501,
  ],
  [
    'an encoding in HTTP/1.0',
    `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    400,
  ],
  ['a folded line', head('GET /', 'X: a\r\n b\r\n'), 400],
  ['a bare LF', head('GET /', 'X: a\nY: b\r\n'), 400],
  ['a bare CR', head('GET /', 'X: a\rY: b\r\n'), 400],
  ['a NUL', head('GET /', 'X: a\0b\r\n'), 400],
  ['a space before the colon', head('GET /', 'Content-Length : 5\r\n'), 400],
  ['a chunk size with a sign', chunked('-5\r\nhello\r\n0\r\n\r\n'), 400],
  ['a chunk whose end is not where it says', chunked('5\r\nhelloXX0\r\n\r\n'), 400],
  ['an extension of 100 KiB', chunked(`5;${'a'.repeat(102_400)}\r\nhello\r\n0\r\n\r\n`), 413],
  ['a head of 20 KB', head('GET /', `X: ${'a'.repeat(20_000)}\r\n`), 431],
  ['HTTP/0.9', 'GET /\r\n\r\n', 505],
  ['HTTP/2.0 in the request line', `GET / HTTP/2.0\r\n${HOST}\r\n`, 505],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
  ['another protocol', `SOURCE / ICE/1.0\r\n${HOST}\r\n`, 501],
  ['CONNECT', head('CONNECT a.lastfin.test:80'), 405],
  ['TRACE with a body', head('TRACE /', 'Content-Length: 5\r\n') + 'hello', 400],
  ['an expectation that nobody knows', head('POST /', 'Expect: x\r\nContent-Length: 5\r\n') + 'hello', 417],
  [
    'an upgrade with a body',
    head('POST /', `Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: ${SMUGGLED.length}\r\n`) +
      SMUGGLED,
    400,
  ],
])('%s is refused, and no upstream hears of it', async (_, bytes, status) => {
  expect(await pair.send(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*connection: close`, 'i'));
  expect(pair.seen.join('')).toBe('');
});

const body = (framing: string): string => `${framing}\r\n${CLOSE}`;
test.each(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT'])(
  'a body of %s stays a body, whatever Connection says',
  async (method) => {
    const length = body(`Content-Length: ${SMUGGLED.length}`);
    const chunks = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
    const named = 'Connection: content-length, transfer-encoding, host, te, trailer, upgrade\r\n';
    const bytes = [
      head(`${method} /`, length) + SMUGGLED,
      head(`${method} /`, named + length) + SMUGGLED,
      head(`${method} /`, body('Transfer-Encoding: chunked')) + chunks,
      head(`${method} /`, named + body('Transfer-Encoding: chunked')) + chunks,
      // Node drops the fields after the 1,000th by default
      head(`${method} /`, 'a:b\r\n'.repeat(1100) + length) + SMUGGLED,
    ];
    for (const one of bytes) await pair.send(one);
    expect(pair.seen).toHaveLength(bytes.length);
    for (const got of pair.seen) {
      const [fields = ''] = got.split('\r\n\r\n', 1);
      expect(fields).toMatch(/^host: a\.lastfin\.test$/im);
      expect(fields).toMatch(/^(content-length: 48|transfer-encoding: chunked)$/im);
      expect(fields).not.toMatch(/^(te|trailer|upgrade):/im);
    }
  },
);

test('a field that only CGI takes for the length, or for what the proxy says, is left out', async () => {
  const fields = `Content_Length: 9\r\nX_Forwarded_For: 192.0.2.1\r\nX-Own_Field: 1\r\n${CLOSE}`;
  await pair.send(head('GET /', fields));
  expect(pair.seen[0]).not.toMatch(/_length|_forwarded/i);
  expect(pair.seen[0]).toContain('X-Own_Field: 1');
});

test('h2c is no upgrade: the request goes on as any other one', async () => {
  const fields = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
  expect(await pair.send(head('GET /', fields))).toMatch(/^HTTP\/1\.1 200 /);
  expect(pair.seen[0]).not.toMatch(/upgrade|h2c|http2/i);
});

test('a target with its own authority goes on in origin form', async () => {
  await pair.send(head('GET https://A.lastfin.test/x?y', CLOSE));
  expect(pair.seen[0]).toMatch(/^GET \/x\?y HTTP\/1\.1\r\nHost: a\.lastfin\.test\r\n/);
});

test('extensions of many chunks are bounded together; many small chunks are not extensions', async () => {
  const until = `5;${'a'.repeat(10_000)}\r\nhello\r\n`.repeat(20);
  pair.answer = () => {};
  expect(await pair.send(chunked(`${until}0\r\n\r\n`))).toMatch(/^HTTP\/1\.1 413 /);
  pair.answer = (socket) => void setImmediate(() => socket.end(OK));
  expect(await pair.send(chunked(`${'1\r\nx\r\n'.repeat(20_000)}0\r\n\r\n`))).toMatch(/^HTTP\/1\.1 200 /);
});

test.each([
  ['without a name goes where its Host is served', false, '192.0.2.7', 200],
  ['without a name may not ask for a name of another route', false, 'a.lastfin.test', 421],
  ['with a name in capitals', 'A.LASTFIN.TEST', 'a.lastfin.test.', 200],
] as const)('a client %s', async (_, serverName, host, status) => {
  const bytes = `GET / HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n`;
  expect(await pair.send(bytes, { serverName })).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('HTTP/1.0 without a Host asks for the name of its handshake', async () => {
  expect(await pair.send('GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  expect(pair.seen[0]).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: a\.lastfin\.test\r\n/);
});

test.each([
  ['a header that is a key of every object', '__proto__: x\r\nconstructor: x\r\n'],
  ['a trailer is announced', 'Trailer: x-t\r\n'],
])('%s: the request passes', async (_, fields) => {
  expect(await pair.send(head('GET /', fields + CLOSE))).toMatch(/^HTTP\/1\.1 200 /);
});

test('garbage behind a request: that one is answered, then the connection ends', async () => {
  const got = await pair.send(`${head('GET /')}\0\u0001garbage\r\n\r\n`);
  expect(got).toMatch(/^HTTP\/1\.1 200 [^]*okHTTP\/1\.1 400 /);
  expect(pair.seen).toHaveLength(1);
});

test('what follows a request that says it is the last one is no request', async () => {
  expect(await pair.send(head('GET /', CLOSE) + SMUGGLED)).toMatch(/^HTTP\/1\.1 200 [^]*ok$/);
  expect(pair.seen).toHaveLength(1);
});

test('an upgrade behind a request waits for its answer', async () => {
  const upgrade = head('GET /2', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
  const client = await pair.open();
  let release = (): void => {};
  pair.answer = (socket) => {
    if (pair.seen.length === 1) release = () => void socket.end(OK);
    else socket.end('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno');
  };
  let got = '';
  client.setEncoding('latin1').on('data', (chunk: string) => (got += chunk));
  client.write(head('GET /1') + upgrade);
  while (pair.seen.join('') === '') await new Promise((resolve) => void setImmediate(resolve));
  expect(pair.seen).toHaveLength(1);
  release();
  await within('the end', once(client, 'end'));
  client.end();
  expect(got).toMatch(/^HTTP\/1\.1 200 [^]*okHTTP\/1\.1 403 [^]*no$/);
});

test('a client that waits to be told to go on is told only if its request passes', async () => {
  const fields = 'Expect: 100-continue\r\nContent-Length: 5\r\n';
  const good = await pair.send(`${head('POST /', fields + CLOSE)}hello`);
  expect(good).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  expect(await pair.send(`${head('POST /', `Host: b\r\n${fields}`)}hello`)).toMatch(/^HTTP\/1\.1 400 /);
});
