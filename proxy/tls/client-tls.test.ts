import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createSecureContext } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { createCertificate } from '../testing/certificate.ts';
import { until, within } from '../testing/peers.ts';
import { ClientTls } from './client-tls.ts';

const { certificate, key } = await createCertificate();
const KIB = 1024;

type Pair = {
  tls: ClientTls;
  client: TLSSocket;
  /** socket of the server's side */
  accepted: Socket;
  /** socket under the client's TLS */
  raw: Socket;
  /** events of the server's side, as they came */
  events: string[];
};

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** Connects a real client to TLS on the socket that its server has accepted; nobody reads from it yet. */
async function pair(): Promise<Pair> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const raw = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  server.close();
  open.push(raw, accepted);
  const events: string[] = [];
  const tls = new ClientTls(
    accepted,
    {
      secureContext: createSecureContext({ cert: certificate, key }),
      protocols: ['http/1.1'],
      asksForCertificate: false,
    },
    {
      onClientEnd: () => events.push('client has ended'),
      onClientError: ({ code }: NodeJS.ErrnoException) => events.push(`client: ${code}`),
      onInnerEnd: (isDelivered) => events.push(isDelivered ? 'all is delivered' : 'given up'),
      onInnerGone: () => events.push('gone'),
    },
  );
  tls.on('error', () => {});
  const client = connect({ socket: raw, servername: 'localhost', ca: certificate });
  client.on('error', () => {});
  await Promise.all([once(client, 'secureConnect'), once(tls, 'secure')]);
  return { tls, accepted, client, raw, events };
}

test('a client that is held back and resets is told of at once', async () => {
  const { tls, client, raw, events } = await pair();
  await new Promise((resolve) => void client.write(Buffer.alloc(32 * KIB), resolve));
  const closed = new Promise((resolve) => void tls.once('close', resolve));
  raw.resetAndDestroy();
  await within('the close', closed);
  expect(events).toEqual(['client: ECONNRESET']);
});

test('what is read ahead is bounded', async () => {
  const { tls, client } = await pair();
  client.write(Buffer.alloc(16 * KIB * KIB));
  await until('it reads no more', () => tls.readableLength >= 64 * KIB);
  expect(tls.readableLength).toBeLessThan(128 * KIB);
  tls.resume();
  await until('all has come', () => tls.bytesRead === 16 * KIB * KIB);
});

test('a reset behind more than is read ahead is found by looking for it', async () => {
  const { tls, client, raw, events } = await pair();
  client.write(Buffer.alloc(16 * KIB * KIB));
  await until('it reads no more', () => tls.readableLength >= 64 * KIB);
  tls.lookForReset();
  expect(events).toEqual([]);
  const closed = new Promise((resolve) => void tls.once('close', resolve));
  raw.resetAndDestroy();
  await until('it is found', () => {
    tls.lookForReset();
    return events.length > 0;
  });
  await within('the close', closed);
  expect(events).toEqual([expect.stringMatching(/^client: (EPIPE|ECONNRESET)$/)]);
});

test('after an end that all has gone before, the socket waits for its client', async () => {
  const { tls, client, events } = await pair();
  tls.resume();
  client.resume();
  tls.end('bye');
  tls.destroySoon();
  await within('the end', once(client, 'end'));
  await within('the close', once(tls, 'close'));
  expect(events).toEqual(['all is delivered', 'client has ended']);
});

test('one that is destroyed with bytes of its client unread ends without a reset', async () => {
  const { tls, client, raw, events } = await pair();
  const errors: unknown[] = [];
  raw.on('error', (error) => errors.push(error));
  const received: Buffer[] = [];
  client.on('data', (chunk: Buffer) => received.push(chunk));
  await new Promise((resolve) => void client.write(Buffer.alloc(256 * KIB), resolve));
  await new Promise((resolve) => void tls.write(Buffer.alloc(8 * KIB), resolve));
  await until('it has come', () => Buffer.concat(received).length === 8 * KIB);
  const { bytesRead } = raw;
  tls.destroy();
  await within('the end', once(client, 'end'));
  // no close_notify: what was cut does not look whole
  expect(raw.bytesRead).toBe(bytesRead);
  await within('the close', once(tls, 'close'));
  expect(events).toEqual(['given up', 'gone', 'client has ended']);
  expect(errors).toEqual([]);
});

test('a record that breaks TLS after the handshake ends it', async () => {
  const { tls, client, raw, events } = await pair();
  client.resume();
  tls.resume();
  const closed = new Promise((resolve) => void tls.once('close', resolve));
  raw.write(Buffer.from('no record of TLS'));
  await within('the close', closed);
  expect(events).toEqual(['gone']);
});

test('behind our own FIN nobody is asked for a reset, as any write fails there', async () => {
  const { tls, client, raw, events } = await pair();
  await new Promise((resolve) => void client.write(Buffer.alloc(32 * KIB), resolve));
  await until('it waits', () => tls.readableLength === 32 * KIB);
  tls.end('bye');
  await until('it has gone out', () => tls.writableFinished);
  tls.lookForReset();
  expect(events).toEqual(['all is delivered']);
  expect(raw.destroyed).toBe(false);
});

test('a reset behind a close_notify is found by looking for it', async () => {
  const { tls, client, raw, events } = await pair();
  tls.resume();
  client.end();
  await until('it has ended', () => events.length === 1);
  raw.resetAndDestroy();
  await until('it is found', () => {
    tls.lookForReset();
    return events.length > 1;
  });
  expect(events).toEqual(['client has ended', expect.stringMatching(/^client: (EPIPE|ECONNRESET)$/)]);
});

test('a socket that its owner destroys goes with its TLS', async () => {
  const { tls, accepted, events } = await pair();
  accepted.destroy();
  await within('the close', once(tls, 'close'));
  expect(events).toEqual([]);
});
