import { expect, test } from 'vitest';
import { judgeExchange } from './judge-exchange.ts';
import { readAnswers, readRequests } from './strict-reader.ts';

const GET = 'GET / HTTP/1.1\r\nHost: a.lastfin.test\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a.lastfin.test\r\nContent-Length: 2\r\n\r\nhi';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test('requests are read one by one; whatever is none ends the reading', () => {
  expect(readRequests(GET + POST).messages.map(({ method, body }) => [method, body])).toEqual([
    ['GET', ''],
    ['POST', 'hi'],
  ]);
  expect(readRequests(`${GET}X`)).toMatchObject({ messages: [{ complete: true }], rest: 'X' });
  for (const wrong of [
    'X : a\r\n',
    'X: a\r\n b\r\n',
    'X: a\nY: b\r\n',
    'Host: b\r\n',
    'Content-Length: +2\r\n',
  ]) {
    expect(readRequests(GET.replace('\r\n\r\n', `\r\n${wrong}\r\n`)).messages).toHaveLength(0);
  }
  expect(readRequests(POST.slice(0, -1)).messages).toMatchObject([{ complete: false, body: 'h' }]);
  expect(readRequests(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') + GET).messages).toHaveLength(
    1,
  );
});

test('answers are read by the methods that they answer', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
  expect(readAnswers(head + OK, ['HEAD', 'GET']).messages.map(({ body }) => body)).toEqual(['', 'ok']);
  expect(readAnswers(`${OK}EXTRA`, ['GET']).rest).toBe('EXTRA');
});

test.each([
  ['a second request at the upstream', { upstream: [GET, GET] }, '2 requests'],
  ['two requests on one connection', { upstream: [GET + GET] }, 'two requests'],
  ['another host', { upstream: [GET.replace('a.', 'b.')] }, 'for b.lastfin.test'],
  ['bytes behind the answer', { got: `${OK}EVIL` }, 'no answer'],
  ['a cut answer that looks whole', { answer: OK.slice(0, -1), got: OK }, 'looks whole'],
  [
    'a cut answer that looks whole by its end',
    { answer: OK.slice(0, -1), got: 'HTTP/1.1 200 OK\r\n\r\no' },
    'looks whole',
  ],
])('the judge finds %s', (_, wrong, problem) => {
  const right = { sent: GET, upstream: [GET], answer: OK, got: OK, isNotified: true };
  expect(judgeExchange(right)).toEqual([]);
  expect(judgeExchange({ ...right, ...wrong }).join()).toContain(problem);
});

test('an answer that lasts to the end of a connection was cut if no close_notify came', () => {
  const exchanged = { sent: GET, upstream: [GET], answer: OK.slice(0, -1), got: 'HTTP/1.1 200 OK\r\n\r\no' };
  expect(judgeExchange({ ...exchanged, isNotified: false })).toEqual([]);
});
