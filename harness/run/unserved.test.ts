import { expect, test } from 'vitest';

import type { ConnectionSeen } from '../journal/entry.ts';
import type { Case } from '../scenario/case.ts';
import { TRANSPORT_WORDS, type TransportWord } from '../scenario/transport.ts';
import { mustServe } from './unserved.ts';

const client = (seen: string, more: Partial<ConnectionSeen> = {}): ConnectionSeen => ({
  actor: 'client',
  round: 0,
  connection: 0,
  seen,
  did: 'nothing',
  sent: 0,
  received: 0,
  ...more,
});
const noAnswer = { step: 'expect-answer', index: 2, message: 'none came' };
const judge =
  (word: TransportWord, seen: ConnectionSeen[], more: Partial<Pick<Case, 'kind' | 'expect'>> = {}) =>
  () =>
    mustServe(
      seen,
      { kind: 'universal', route: 'web', expect: {} as Case['expect'], ...more },
      TRANSPORT_WORDS[word],
    );

test.each([
  [
    'websocket-frames',
    client('400', { did: 'half-closed' }),
    /saw `400`: name what .* path: \/live.*route `web`/,
  ],
  ['https', client('ERR_SSL_WRONG_VERSION_NUMBER'), 'speaks no TLS there'],
  ['h2', client('no-h2'), 'ALPN'],
  ['h2', client('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'), 'ALPN'],
  ['websocket-h2', client('no-connect-protocol'), 'over HTTP/2'],
  ['connect', client('403', { did: 'half-closed' }), 'allow tunnels'],
  ['h2c', client('end', { failure: noAnswer }), 'clients speak h2: name what it speaks'],
  ['tls', client('end'), 'clients speak tls'],
] as const)(
  'a target that lets in no client of %s is an error that says what to change',
  (word, seen, message) => {
    expect(judge(word, [seen, seen])).toThrow(message);
    // whoever says what is seen expects it
    expect(judge(word, [seen], { kind: 'contract' })).not.toThrow();
    expect(judge(word, [seen], { expect: { client: {} } as Case['expect'] })).not.toThrow();
  },
);

test('a gateway that refuses what it has no route for, and passes nothing on, is such an error, too', () => {
  const failure = {
    step: 'expect-response',
    index: 2,
    message: 'expected a response 200, 404 came: the connection is open',
  };
  const refused = client('none', { failure, received: 0 });
  expect(judge('http', [refused, refused])).toThrow(
    /all 2 requests .* by 404, and passed none on: .*path: \/api/,
  );
  const upstream = { ...client('end'), actor: 'upstream' as const };
  expect(judge('http', [refused, upstream])).not.toThrow();
  expect(judge('http', [refused], { kind: 'own' })).not.toThrow();
  const other = { ...failure, message: 'expected a response 200, 502 came: the connection is open' };
  expect(judge('http', [refused, client('none', { failure: other })])).not.toThrow();
  expect(judge('http', [client('none', { failure: other })])).not.toThrow();
});

test('a target that lets in some clients, is silent, or says something is left to the judge', () => {
  const away = client('end', { failure: noAnswer });
  expect(judge('http', [away, client('end', { received: 5 })])).not.toThrow();
  expect(judge('http', [client('none', { failure: noAnswer })])).not.toThrow();
  expect(judge('http', [client('end', { did: 'closed', sent: 64 })])).not.toThrow();
  expect(judge('http', [])).not.toThrow();
});
