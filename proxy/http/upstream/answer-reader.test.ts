import { expect, test } from 'vitest';
import { checkAnswer } from '../check-answer.ts';
import { AnswerReader } from './answer-reader.ts';

type Seen = { got: string[]; reader: AnswerReader; error: unknown };

/** Reads an answer that comes in parts of a size; 0: whole. */
function read(bytes: string, size: number, { method = 'GET', fin = false } = {}): Seen {
  const got: string[] = [];
  let body = '';
  const reader = new AnswerReader(method, {
    onInterim: ({ statusCode }) => void got.push(`interim ${statusCode}`),
    onHead: (head) => void got.push(`head ${checkAnswer(head).status} ${head.rawHeaders.join('|')}`),
    onBody: (chunk) => void (body += chunk.toString('latin1')),
    onEnd: (trailers) => void got.push(`body ${body}`, `end ${trailers.join('|')}`),
    onSwitch: ({ statusCode }, early) => void got.push(`switch ${statusCode}`, early.toString('latin1')),
  });
  const whole = Buffer.from(bytes, 'latin1');
  let error: unknown;
  try {
    const step = size === 0 ? whole.length : size;
    for (let at = 0; at < whole.length; at += step) reader.read(whole.subarray(at, at + step));
    if (fin) reader.end();
  } catch (thrown) {
    error = thrown;
  }
  return { got, reader, error };
}

const SIZES = [0, 1, 2, 3, 7, 64];
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';

test.each<[string, string, string[], boolean]>([
  ['a length', `${LENGTH}hello`, ['body hello', 'end '], true],
  ['no content', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ['body ', 'end '], true],
  [
    'chunks',
    `${CHUNKED}5\r\nhello\r\n00a;x="y"\r\n, \r\n0\r\n\r\n!\r\n0\r\n\r\n`,
    ['body hello, \r\n0\r\n\r\n!', 'end '],
    true,
  ],
  ['trailers', `${CHUNKED}1\r\nx\r\n0;e\r\nA: 1\r\nB:\t2 \r\n\r\n`, ['body x', 'end A|1|B|2'], true],
  ['a trailer that begins with CR', `${CHUNKED}0\r\n\r\n`, ['body ', 'end '], true],
  ['no trailers', `${CHUNKED}0\r\n\r\n`, ['end '], true],
  [
    'interim answers',
    `HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 H\r\nLink: a\r\n\r\n${LENGTH}hello`,
    ['interim 100', 'interim 103', 'body hello'],
    true,
  ],
  ['close', 'HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n', ['end '], false],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', ['end '], false],
  ['204 with a length', 'HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n', ['body ', 'end '], false],
  ['204', 'HTTP/1.1 204 No\r\n\r\n', ['body ', 'end '], true],
  ['304 without one', 'HTTP/1.1 304 No\r\nETag: "1"\r\n\r\n', ['body ', 'end '], true],
  ['bytes behind it', `${LENGTH}hello\r\n`, ['body hello', 'end '], false],
  ['a second answer behind it', `${LENGTH}hello${LENGTH}world`, ['body hello', 'end '], false],
])(
  '%s: whole or in parts, it is the same answer, and it may be used again or not',
  (_, bytes, parts, again) => {
    const whole = read(bytes, 0);
    for (const part of parts) expect(whole.got).toContain(part);
    for (const size of SIZES) {
      const { got, reader, error } = read(bytes, size);
      expect(error).toBeUndefined();
      expect(got).toEqual(whole.got);
      expect(reader.isDone).toBe(true);
      expect(reader.isReusable).toBe(again);
    }
  },
);

test('an answer without framing lasts until the end, and is the last one', () => {
  for (const size of SIZES) {
    const before = read('HTTP/1.1 200 OK\r\n\r\nhello', size);
    expect(before.reader.isDone).toBe(false);
    const { got, reader } = read('HTTP/1.1 200 OK\r\n\r\nhello', size, { fin: true });
    expect(got).toContain('body hello');
    expect(reader.isReusable).toBe(false);
  }
});

test('an answer to HEAD has no body; one that announces a body is the last one', () => {
  const { got, reader } = read(LENGTH, 0, { method: 'HEAD' });
  expect(got).toContain('body ');
  expect(reader.isDone).toBe(true);
  expect(reader.isReusable).toBe(false);
  expect(read('HTTP/1.1 200 OK\r\nX: 1\r\n\r\n', 0, { method: 'HEAD' }).reader.isReusable).toBe(true);
});

test('behind a switch of protocols nothing is HTTP', () => {
  const { got, reader } = read('HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n\u0081\u0001x', 0);
  expect(got).toEqual(['switch 101', '\u0081\u0001x']);
  expect(reader.isReusable).toBe(false);
});

const long = 'a'.repeat(17_000);
test.each([
  ['another protocol', '220 mail.example ESMTP\r\n'],
  ['a line end before it', `\r\n${LENGTH}hello`],
  ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['a status that is not accepted', 'HTTP/1.1 099 x\r\n\r\n'],
  ['a folded line', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n'],
  ['a blank before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n'],
  ['a line without a colon', 'HTTP/1.1 200 OK\r\nX\r\n\r\n'],
  ['a field without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
  ['a bare LF', 'HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n'],
  ['a bare CR', 'HTTP/1.1 200 OK\r\nX: a\rY: b\r\n\r\n'],
  ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${long}`],
  ['a chunk size with a sign', `${CHUNKED}+5\r\nhello\r\n0\r\n\r\n`],
  ['a chunk size of another base', `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`],
  ['a chunk size with a blank', `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`],
  ['a chunk size beyond all numbers', `${CHUNKED}fffffffffffffffff\r\n`],
  ['an empty chunk size', `${CHUNKED}\r\nhello\r\n`],
  ['a chunk that is longer than it says', `${CHUNKED}4\r\nhello\r\n0\r\n\r\n`],
  ['a bare LF behind a chunk size', `${CHUNKED}5\nhello\r\n0\r\n\r\n${long}`],
  ['a bare CR in trailers', `${CHUNKED}0\r\n\rX: 1\r\n\r\n`],
  ['a control character in a trailer that is not forwarded', `${CHUNKED}0\r\nConnection: \x1fx\r\n\r\n`],
  ['a trailer that is no field', `${CHUNKED}0\r\nX y\r\n\r\n`],
  ['trailers without an end', `${CHUNKED}0\r\nX: ${long}`],
  ['extensions without an end', CHUNKED + `1;${'a'.repeat(9000)}\r\nx\r\n`.repeat(2)],
])('%s is refused, whole or in parts', (_, bytes) => {
  for (const size of SIZES) expect(read(bytes, size).error).toMatchObject({ fault: 'bad_answer' });
});

test('a cut at any byte looks cut', () => {
  for (const bytes of [`${LENGTH}hello`, `${CHUNKED}5\r\nhello\r\n0\r\nX: 1\r\n\r\n`]) {
    for (let at = 0; at < bytes.length; at += 1) {
      const { error, got } = read(bytes.slice(0, at), 0, { fin: true });
      expect(error).toMatchObject({ fault: 'bad_answer' });
      expect(got).not.toContain('end ');
    }
  }
});
