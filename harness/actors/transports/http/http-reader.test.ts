import { array, assert, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { HttpReader, parseHead } from './http-reader.ts';

function read(kind: 'request' | 'response', chunks: Buffer[]): { log: string[]; midway: boolean } {
  const log: string[] = [];
  let body = '';
  const reader = new HttpReader(kind, {
    head: ({ first }) => log.push(first),
    body: (chunk) => (body += chunk.toString('latin1')),
    complete: () => {
      log.push(body);
      body = '';
    },
  });
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let before = -1; before !== log.length;) {
      before = log.length;
      reader.next();
    }
  }
  return { log, midway: reader.midway };
}

const MESSAGES = [
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n',
].join('');

test('messages are the same however they are cut', () => {
  const whole = read('response', [Buffer.from(MESSAGES)]);
  expect(whole).toEqual({
    log: [
      'HTTP/1.1 100 Continue',
      'HTTP/1.1 200 OK',
      'hello',
      'HTTP/1.1 204 No Content',
      '',
      'HTTP/1.1 200 OK',
      'abc0123456789',
    ],
    midway: false,
  });
  assert(
    property(array(nat(MESSAGES.length), { maxLength: 8 }), (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), MESSAGES.length];
      const pieces = edges.slice(1).map((end, at) => Buffer.from(MESSAGES.slice(edges[at], end)));
      expect(read('response', pieces)).toEqual(whole);
    }),
  );
});

test('every message that is not whole is midway', () => {
  const text = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  for (let end = 1; end < text.length; end++)
    expect(read('request', [Buffer.from(text.slice(0, end))]).midway).toBe(true);
  expect(read('request', [Buffer.from(text)]).midway).toBe(false);
});

test.each([
  ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n', 'content-length is `5x`'],
  [
    'a chunk without a size',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n',
    'a chunk begins with `hello`',
  ],
  ['a line that is no header', 'HTTP/1.1 200 OK\r\nhello\r\n\r\n', 'no header: `hello`'],
])('refuses %s', (_what, text, message) => {
  expect(() => read('response', [Buffer.from(text)])).toThrow(message);
});

test('repeated headers are joined', () => {
  expect(parseHead('x\r\nA: 1\r\na: 2').headers.get('a')).toBe('1, 2');
});
