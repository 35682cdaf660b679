import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHttpPair } from '../testing/http-pair.ts';
import type { HttpPair } from '../testing/http-pair.ts';

let pair: HttpPair;
beforeAll(async () => {
  pair = await startHttpPair({ maxBody: 10 });
});
afterAll(() => pair.finish());

const HEAD = 'POST / HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: close\r\n';

test.each([
  ['announced', `${HEAD}Content-Length: 11\r\n\r\n`, 413],
  ['that grows', `${HEAD}Transfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n`, 413],
  ['that is just within the limit', `${HEAD}Content-Length: 10\r\n\r\n0123456789`, 200],
])('a body %s', async (_, bytes, status) => {
  pair.answer = (socket, seen) => void (seen.endsWith('9') && socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  expect(await pair.send(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});
