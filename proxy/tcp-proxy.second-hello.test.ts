import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { Server } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCertificate } from './testing/certificate.ts';
import { recordClientHello } from './testing/client-hello.ts';
import { openClient, within } from './testing/peers.ts';
import { startProxy } from './testing/proxy-under-test.ts';
import type { ProxyUnderTest } from './testing/proxy-under-test.ts';
import { isRetryRequest } from './tls/second-hello.ts';

/** Groups of the client; the server does not accept the first one, so the client must retry. */
const CLIENT_GROUPS = 'X25519:P-384';
const SERVER_GROUPS = 'P-384';
const NAME = 'one.lastfin.test';

let server: Server;
let target: ProxyUnderTest;

beforeEach(async () => {
  const { certificate: cert, key } = await createCertificate();
  server = createServer({ cert, key, ecdhCurve: SERVER_GROUPS }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const upstreams = [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }];
  const listen = { host: '127.0.0.1', port: 0 };
  const route = { name: 'one', mode: 'tls-passthrough', hosts: ['*.lastfin.test'], upstreams } as const;
  target = await startProxy(0, { listeners: [{ name: 'tls', listen, routes: [route] }], grace: 100 });
});

afterEach(async () => {
  await target.finish();
  server.close();
});

/** Reads the next bytes of a client. */
async function firstAnswer(socket: Socket): Promise<Buffer> {
  const [bytes] = (await within('an answer', once(socket, 'data'))) as [Buffer];
  return bytes;
}

test.each([
  ['after a HelloRetryRequest', CLIENT_GROUPS],
  ['without one', SERVER_GROUPS],
])('a handshake %s goes through', async (_, ecdhCurve) => {
  const client = connect({
    port: target.port,
    host: '127.0.0.1',
    servername: NAME,
    ecdhCurve,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
  });
  await within('the handshake', once(client, 'secureConnect'));
  client.write('hello');
  expect(String(await firstAnswer(client))).toBe('hello');
  client.end();
  await within('the close', once(client, 'close'));
  expect((await target.ends(1))[0]).toMatchObject({ incoming: 'normal' });
});

test.each([1, 100_000])(
  'another name in the second ClientHello ends the connection; packets of %i bytes',
  async (size) => {
    const client = await openClient(target.port);
    client.socket.setNoDelay(true);
    client.socket.write(await recordClientHello(NAME, { ecdhCurve: CLIENT_GROUPS }));
    const answer = await firstAnswer(client.socket);
    expect(isRetryRequest(answer)).toBe(true);
    const second = await recordClientHello('two.lastfin.test', { ecdhCurve: SERVER_GROUPS });
    const changeCipherSpec = Buffer.from([20, 3, 3, 0, 1, 1]);
    const bytes = Buffer.concat([changeCipherSpec, second]);
    for (let cut = 0; cut < bytes.length && !client.socket.destroyed; cut += size) {
      await new Promise<void>((resolve) => {
        client.socket.write(bytes.subarray(cut, cut + size), () => resolve());
      });
    }
    expect((await target.ends(1))[0]).toMatchObject({ incoming: 'sni_mismatch', outgoing: 'sni_mismatch' });
    client.socket.destroy();
  },
);

test('a server that is none: nothing is asked of the second bytes', () => {
  expect(isRetryRequest(Buffer.from('HTTP/1.1 400'))).toBe(false);
  expect(isRetryRequest(Buffer.from([22, 3, 3]))).toBeUndefined();
  expect(
    isRetryRequest(Buffer.concat([Buffer.from([22, 3, 3, 0, 9, 2, 0, 0, 5, 3, 3]), Buffer.alloc(32)])),
  ).toBe(false);
});
