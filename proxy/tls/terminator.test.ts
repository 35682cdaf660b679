import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { createCertificate } from '../testing/certificate.ts';
import { within } from '../testing/peers.ts';
import { Terminator } from './terminator.ts';

test('a stranger that has found the port gets nothing', async () => {
  const pair = await createCertificate();
  const terminator = new Terminator(
    { name: 'r', mode: 'tls-terminate', hosts: ['*'], upstreams: [], ...pair },
    { connectTimeout: 0, handshakeTimeout: 1000 },
  );
  await terminator.listen();
  const stranger = connect({ ...terminator.address, servername: 'localhost', ca: pair.certificate });
  const errors: unknown[] = [];
  stranger.on('error', (error) => errors.push(error));
  stranger.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  stranger.on('data', () => errors.push('an answer'));
  await within('the close', once(stranger, 'close'));
  expect(errors).not.toContain('an answer');
  expect(terminator.counts()).toEqual({ bridged: 0, secure: 0 });
  terminator.close();
});
