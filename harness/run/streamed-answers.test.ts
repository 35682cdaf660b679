import { Duplex } from 'node:stream';

import { expect, test } from 'vitest';

import { HttpClient } from '../actors/transports/http/http-client.ts';
import type { Step } from '../scenario/step.ts';
import { GET_ROOT } from '../scenario/sample-request.ts';
import { TRANSPORT_WORDS } from '../scenario/transport.ts';
import { streamsAnswers, whyNotBehindStream } from './streamed-answers.ts';

const FOREIGN = { contract: false };
const SHIPPED = { kind: 'universal' } as const;
const STREAM = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhi\n\r\n';

/** Client that has asked, received this, and waited in vain for the end of its answer. */
function client(bytes: string, step = 'expect-answer') {
  const inner = new Duplex({ read: () => undefined, write: (_chunk, _encoding, taken) => taken() });
  const options = {
    host: 'a',
    prefix: '',
    authority: 'a:1',
    explicit: true,
    sendsBody: false,
    server: true,
  };
  const pipe = new HttpClient(inner, options);
  pipe.request(GET_ROOT);
  inner.emit('data', Buffer.from(bytes, 'latin1'));
  return { pipe, failure: { step, index: 2, message: 'expect a whole answer: not within 2000 ms' } };
}

test('answers that have begun and do not end are streams, but for whoever names what is expected', () => {
  const clients = [client(STREAM), client(STREAM)];
  expect(streamsAnswers(SHIPPED, FOREIGN, clients)).toBe(true);
  expect(streamsAnswers({ kind: 'own' }, FOREIGN, clients)).toBe(false);
  expect(streamsAnswers(SHIPPED, { contract: true }, clients)).toBe(false);
  expect(streamsAnswers(SHIPPED, FOREIGN, [])).toBe(false);
});

test.each([
  ['owes bytes that it has announced', client('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi')],
  ['is whole', client('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')],
  [
    'is an error that does not end',
    client('HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n'),
  ],
  ['has not begun', client('')],
  ['is waited for in vain by another step', client(STREAM, 'close')],
  ['has ended for a client that has not failed', { ...client(STREAM), failure: undefined }],
])('an answer that %s is no stream, and one of them is enough', (_, one) => {
  expect(streamsAnswers(SHIPPED, FOREIGN, [client(STREAM), one])).toBe(false);
});

test('whoever asks again behind an answer without an end cannot be run over HTTP/1.1', () => {
  const ask: Step = { kind: 'ask' };
  const answer: Step = { kind: 'expect-answer' };
  const reason = (script: Step[], word: 'http' | 'h2c' = 'http') =>
    whyNotBehindStream({ client: script, connections: { count: 1, concurrent: 1 } }, TRANSPORT_WORDS[word]);
  expect(reason([ask, answer, ask])).toContain('asks again');
  expect(reason([ask, answer, ask], 'h2c')).toBeUndefined();
  expect(reason([ask, ask, answer])).toBeUndefined();
  expect(reason([ask])).toBeUndefined();
});

test('over HTTP/2 it cannot be run where a connection has no room for all that is asked for', () => {
  const reason = (streams: number, script: Step[]) =>
    whyNotBehindStream(
      { client: script, connections: { count: 200, concurrent: 200, streams } },
      TRANSPORT_WORDS.h2c,
    );
  const ask: Step = { kind: 'ask' };
  expect(reason(150, [ask])).toContain('more at a time than a connection has room for');
  expect(reason(60, [ask, ask])).toContain('more at a time');
  expect(reason(100, [ask])).toBeUndefined();
  expect(reason(150, [ask, { kind: 'cancel', code: 'cancel' }])).toBeUndefined();
});
