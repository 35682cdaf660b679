import { expect, test } from 'vitest';

import type { ConnectionSeen } from '../journal/entry.ts';
import type { Case } from '../scenario/case.ts';
import { TRANSPORT_WORDS, type TransportWord } from '../scenario/transport.ts';
import { clientSeen } from './testing/client-seen.ts';
import { mustServe } from './unserved.ts';

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
    clientSeen('400', { did: 'half-closed' }),
    /saw `400`: name what .* path: \/live.*route `web`/,
  ],
  ['https', clientSeen('ERR_SSL_WRONG_VERSION_NUMBER'), 'speaks no TLS there'],
  ['h2', clientSeen('no-h2'), 'ALPN'],
  ['h2', clientSeen('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'), 'ALPN'],
  ['websocket-h2', clientSeen('no-connect-protocol'), 'over HTTP/2'],
  ['connect', clientSeen('403', { did: 'half-closed' }), 'allow tunnels'],
  ['h2c', clientSeen('end', { failure: noAnswer }), 'clients speak h2: name what it speaks'],
  ['tls', clientSeen('end'), 'clients speak tls'],
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
    status: 404,
  };
  const refused = clientSeen('none', { failure, received: 0 });
  expect(judge('http', [refused, refused])).toThrow(
    /all 2 requests .* by 404, and passed none on: .*path: \/api/,
  );
  const upstream = { ...clientSeen('end'), actor: 'upstream' as const };
  expect(judge('http', [refused, upstream])).not.toThrow();
  expect(judge('http', [refused], { kind: 'own' })).not.toThrow();
  const other = { ...failure, status: 502 };
  expect(judge('http', [refused, clientSeen('none', { failure: other })])).not.toThrow();
  expect(judge('http', [clientSeen('none', { failure: other })])).not.toThrow();
});

test('a target that lets in some clients, is silent, or says something is left to the judge', () => {
  const away = clientSeen('end', { failure: noAnswer });
  expect(judge('http', [away, clientSeen('end', { received: 5 })])).not.toThrow();
  expect(judge('http', [clientSeen('none', { failure: noAnswer })])).not.toThrow();
  expect(judge('http', [clientSeen('end', { did: 'closed', sent: 64 })])).not.toThrow();
  expect(judge('http', [])).not.toThrow();
});
