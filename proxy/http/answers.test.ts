import { afterAll, beforeAll, expect, test } from 'vitest';
import { OK, startHttpPair } from '../testing/http-pair.ts';
import type { HttpPair } from '../testing/http-pair.ts';

let pair: HttpPair;
beforeAll(async () => {
  pair = await startHttpPair();
});
afterAll(() => pair.finish());

const REQUEST = {
  GET: 'GET / HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: close\r\n\r\n',
  HEAD: 'HEAD / HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: close\r\n\r\n',
  upgrade: 'GET / HTTP/1.1\r\nHost: a.lastfin.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
};
const METHODS = ['GET', 'HEAD', 'upgrade'] as const;

async function ask(method: keyof typeof REQUEST, answer: string): Promise<string> {
  pair.answer = (socket) => void socket.end(Buffer.from(answer, 'latin1'));
  return (await pair.send(REQUEST[method])).replace(/Date: .*\r\n/, '');
}

const answer = (status: string, fields: string, body = ''): string =>
  `HTTP/1.1 ${status}\r\n${fields}\r\n${body}`;
const LENGTH = 'Content-Length: 2\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

test.each<[string, string]>([
  ['a status of 099', answer('099 x', LENGTH, 'ok')],
  ['a status of 000', answer('000 x', LENGTH, 'ok')],
  ['a status of 600', answer('600 x', LENGTH, 'ok')],
  ['a control character in the reason', answer('200 a\u0001b', LENGTH, 'ok')],
  ['a NUL in the reason', answer('200 a\0b', LENGTH, 'ok')],
  ['length and encoding', answer('200 OK', LENGTH + CHUNKED, '2\r\nok\r\n0\r\n\r\n')],
  ['two lengths', answer('200 OK', `${LENGTH}Content-Length: 3\r\n`, 'ok')],
  ['an encoding that is not chunked', answer('200 OK', 'Transfer-Encoding: gzip\r\n', 'ok')],
  [
    'an encoding that was not requested',
    answer('200 OK', 'Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
  ],
  ['an encoding in HTTP/1.0', `HTTP/1.0 200 OK\r\n${CHUNKED}\r\n0\r\n\r\n`],
  ['a flood of interim answers', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000) + OK],
  ['a control character in an interim answer', `HTTP/1.1 103 a\u0001b\r\n\r\n${OK}`],
  [
    'an interim answer with a length that is no number',
    `HTTP/1.1 100 x\r\nContent-Length: 0x10\r\n\r\n${OK}`,
  ],
  ['an interim answer with an encoding', `HTTP/1.1 103 Hints\r\nTransfer-Encoding: gzip\r\n\r\n${OK}`],
  [
    'an upgrade to a protocol that was not requested',
    answer('101 x', 'Connection: Upgrade\r\nUpgrade: h2c\r\n', 'abc'),
  ],
  ['no HTTP', 'garbage\r\n\r\n'],
  ['nothing', ''],
  ['a head of 20 KB', answer('200 OK', `X: ${'a'.repeat(20_000)}\r\n${LENGTH}`, 'ok')],
])('%s is no answer: 502, and the proxy lives', async (_, bytes) => {
  for (const method of METHODS) expect(await ask(method, bytes)).toMatch(/^HTTP\/1\.1 502 /);
});

test.each<[string, string]>([
  ['a trailer is announced', answer('200 OK', `Trailer: x-t\r\n${LENGTH}`, 'ok')],
  ['a trailer comes', answer('200 OK', `Trailer: x-t\r\n${CHUNKED}`, '2\r\nok\r\n0\r\nx-t: 1\r\n\r\n')],
  ['Connection names the length', answer('200 OK', `Connection: content-length\r\n${LENGTH}`, 'ok')],
  ['more than 1,000 fields before the length', answer('200 OK', 'a:b\r\n'.repeat(1100) + LENGTH, 'ok')],
  ['an interim answer before it', `HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n${OK}`],
  ['bytes behind it', `${OK}EXTRA`],
  ['a second answer behind it', `${OK}HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad`],
  ['a header that is a key of every object', answer('200 OK', `__proto__: x\r\n${LENGTH}`, 'ok')],
])('%s: one answer passes, and nothing behind it', async (_, bytes) => {
  for (const method of METHODS) {
    const got = await ask(method, bytes);
    expect(got).toMatch(/^HTTP\/1\.1 200 /);
    const end = method === 'HEAD' ? /^[^]*?\r\n\r\n$/ : /\r\n\r\n(ok|2\r\nok\r\n0\r\n\r\n)$/;
    expect(got).toMatch(end);
    expect(got).not.toMatch(/bad|EXTRA/);
  }
});

test.each(['204 No Content', '304 Not Modified'])('%s has no body, whatever it says', async (status) => {
  for (const method of METHODS) {
    const got = await ask(method, answer(status, LENGTH, 'ok'));
    expect(got).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n[^]*\r\n\r\n$`));
    if (status.startsWith('204')) expect(got).not.toMatch(/content-length/i);
  }
});

test.each(['upgrade', 'GET'] as const)('an answer to %s that is cut short looks cut', async (method) => {
  const length = await ask(method, answer('403 No', 'Content-Length: 20\r\n', 'no'));
  expect(length).toMatch(/^HTTP\/1\.1 403 No\r\n[^]*Content-Length: 20[^]*\r\n\r\nno$/);
  const chunks = await ask(method, answer('403 No', CHUNKED, '20\r\nno'));
  // the last chunk, of length 0, is missing: the answer looks cut
  expect(chunks).toMatch(/Transfer-Encoding: chunked[^]*\r\n\r\n2\r\nno\r\n$/);
});

test('every fault is counted, and has a line', () => {
  const { faults, upstreams } = pair.target.proxy.metrics().http;
  const lines = pair.target.lines.filter(({ event }) => event === 'http_fault');
  expect(faults.bad_answer).toBeGreaterThan(40);
  expect(lines).toHaveLength(Object.values(faults).reduce((sum, count) => sum + count, 0));
  expect(upstreams).toBe(0);
});
