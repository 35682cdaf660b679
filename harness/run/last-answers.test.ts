import { PassThrough } from 'node:stream';

import { expect, test } from 'vitest';

import { HttpClient } from '../actors/transports/http/http-client.ts';
import { whyNotAskedAgain } from './last-answers.ts';

const OPTIONS = { host: 'a', prefix: '', authority: 'a:1', explicit: true, sendsBody: false, server: false };
const FOREIGN = { contract: false };
const failure = { step: 'request', index: 3, message: 'could not send: saw end' };

/** Client that has asked and received this. */
function answered(bytes: string): HttpClient {
  const inner = new PassThrough();
  const client = new HttpClient(inner, OPTIONS);
  inner.emit('data', Buffer.from(bytes, 'latin1'));
  return client;
}

const whole = (fields: string, version = '1.1'): { pipe: object; failure: typeof failure } => ({
  pipe: answered(`HTTP/${version} 500 Oops\r\n${fields}Content-Length: 2\r\n\r\nno`),
  failure,
});

test.each([
  ['Connection: close', '1.1'],
  ['Connection: x-own, Close', '1.1'],
  ['X-Own: 1', '1.0'],
])('an answer with %s of HTTP/%s announces the end of its connection', (field, version) => {
  const clients = [whole(`${field}\r\n`, version), { ...whole(''), failure: undefined }];
  expect(whyNotAskedAgain({ kind: 'universal' }, FOREIGN, clients)).toContain('asks again');
  expect(whyNotAskedAgain({ kind: 'own' }, FOREIGN, clients)).toBeUndefined();
  expect(whyNotAskedAgain({ kind: 'universal' }, { contract: true }, clients)).toBeUndefined();
});

test.each([
  ['says nothing of its end', whole('')],
  ['keeps its connection', whole('Connection: keep-alive\r\n', '1.0')],
  [
    'is cut',
    { pipe: answered('HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Length: 2\r\n\r\nn'), failure },
  ],
  ['is a wrong one', { ...whole('Connection: close\r\n'), failure: { ...failure, step: 'expect-response' } }],
  ['is none', { pipe: new PassThrough(), failure }],
])('a client whose last answer %s has failed, whatever others were told', (_, client) => {
  const clients = [whole('Connection: close\r\n'), client];
  expect(whyNotAskedAgain({ kind: 'universal' }, FOREIGN, clients)).toBeUndefined();
});

test('a client whose transport was not set up has failed', () => {
  const client = {
    failure: { ...failure, step: 'open' },
    get pipe(): object {
      throw new Error('the transport is not set up');
    },
  };
  expect(whyNotAskedAgain({ kind: 'universal' }, FOREIGN, [client])).toBeUndefined();
});

test('where no client has failed, there is nothing to explain', () => {
  const clients = [{ ...whole('Connection: close\r\n'), failure: undefined }];
  expect(whyNotAskedAgain({ kind: 'universal' }, FOREIGN, clients)).toBeUndefined();
});
