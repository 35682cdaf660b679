import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { systemClock } from '../clock/clock.ts';
import { HttpFigures } from '../http/http-figures.ts';
import { createCertificate } from '../testing/certificate.ts';
import { DEFAULT_LIMITS } from '../settings.ts';
import { within } from '../testing/peers.ts';
import { Terminator } from './terminator.ts';

async function start(): Promise<{ terminator: Terminator; certificate: string }> {
  const pair = await createCertificate();
  const terminator = new Terminator(
    { name: 'r', mode: 'tls-terminate', hosts: ['*'], upstreams: [], ...pair },
    { ...DEFAULT_LIMITS, handshakeTimeout: 0, headerTimeout: 0, bodyTimeout: 0 },
    { clock: systemClock, figures: new HttpFigures({ info() {}, warn() {}, error() {} }) },
  );
  await terminator.listen();
  return { terminator, certificate: pair.certificate };
}

test('a stranger that has found the port gets nothing', async () => {
  const { terminator, certificate } = await start();
  const stranger = connect({ ...terminator.address, servername: 'localhost', ca: certificate });
  const errors: unknown[] = [];
  stranger.on('error', (error) => errors.push(error));
  stranger.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  stranger.on('data', () => errors.push('an answer'));
  await within('the close', once(stranger, 'close'));
  expect(errors).not.toContain('an answer');
  expect(terminator.counts()).toEqual({ bridged: 0, secure: 0 });
  terminator.close();
});

test('a stranger that says nothing is let go, although no clock bounds the handshake', async () => {
  const { terminator } = await start();
  const stranger = connectTcp({ ...terminator.address });
  stranger.on('error', () => {});
  await within('the close', once(stranger.resume(), 'close'));
  terminator.close();
});

test('a stranger at the port of a bridge, but from another address, is not taken for it', async () => {
  const { terminator } = await start();
  const stranger = connectTcp({ ...terminator.address, localAddress: '127.0.0.2' });
  stranger.on('error', () => {});
  await once(stranger, 'connect');
  terminator.open(stranger.localPort!, {
    client: '192.0.2.1',
    isServed: () => true,
    onSecure: () => {},
    onServerNameChanged: () => {},
    onTooSlow: () => {},
  });
  await within('the close', once(stranger.resume(), 'close'));
  terminator.close();
});
