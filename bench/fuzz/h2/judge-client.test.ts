import { expect, test } from 'vitest';
import { FLAG, frame, literal, PREFACE, readFrames, TYPE } from './frames.ts';
import { judgeClient } from './judge-client.ts';
import type { ClientExchange } from './judge-client.ts';

const HEAD = frame(TYPE.headers, FLAG.endHeaders | FLAG.endStream, 1, literal(':method', 'GET'));
const GET = 'GET / HTTP/1.1\r\nHost: a.lastfin.test\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const ANSWER = frame(TYPE.headers, FLAG.endHeaders, 1, Buffer.from([0x88]));
const WHOLE = Buffer.concat([ANSWER, frame(TYPE.data, FLAG.endStream, 1, Buffer.from('ok'))]);
const RIGHT: ClientExchange = {
  sent: Buffer.concat([PREFACE, HEAD]),
  upstream: [GET],
  answer: OK,
  got: WHOLE,
};

test('what is as it should be has no finding', () => {
  expect(judgeClient(RIGHT)).toEqual([]);
});

test.each([
  ['a second request', { upstream: [GET, GET] }, '2 requests'],
  ['two requests on one connection', { upstream: [GET + GET] }, 'two requests'],
  ['bytes behind a request', { upstream: [`${GET}X`] }, 'bytes behind'],
  ['another host', { upstream: [GET.replace('a.', 'b.')] }, 'for b.lastfin.test'],
  ['a cut answer that looks whole', { answer: OK.slice(0, -1) }, 'another body'],
  [
    'a cut answer without its last byte',
    {
      answer: OK.slice(0, -1),
      got: Buffer.concat([ANSWER, frame(TYPE.data, FLAG.endStream, 1, Buffer.from('o'))]),
    },
    'looks whole',
  ],
])('the judge finds %s', (_, wrong, problem) => {
  expect(judgeClient({ ...RIGHT, ...wrong }).join()).toContain(problem);
});

test('frames are read back as they were written, and a part of one is the rest', () => {
  const { frames, rest } = readFrames(Buffer.concat([WHOLE, HEAD.subarray(0, 20)]));
  expect(frames.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload))).toEqual(
    readFrames(WHOLE).frames.map(({ type, flags, stream, payload }) => frame(type, flags, stream, payload)),
  );
  expect(frames.map(({ type }) => type)).toEqual([TYPE.headers, TYPE.data]);
  expect(rest).toHaveLength(20);
});
