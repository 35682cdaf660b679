import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import type { Address } from '../../../shared/address.ts';
import { createCertificate } from '../../testing/certificate.ts';
import { within } from '../../testing/peers.ts';
import { connectTo } from './connect.ts';
import { dialTls } from './upstream-tls.ts';

const pair = await createCertificate();
const stranger = await createCertificate();
const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function serve(asks = false): Promise<{ address: Address; shown: () => Promise<Buffer | undefined> }> {
  const server = createServer({
    cert: pair.certificate,
    key: pair.key,
    ca: pair.certificate,
    ...(asks && { requestCert: true, rejectUnauthorized: false }),
  });
  servers.push(server);
  const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const shown = async (): Promise<Buffer | undefined> => (await accepted)[0].getPeerX509Certificate()?.raw;
  return { address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port }, shown };
}

async function dial(
  address: Address,
  tls: Parameters<typeof dialTls>[0],
  afterwards: () => Promise<void> = async () => {},
): Promise<string> {
  const { signal } = new AbortController();
  let opened: { destroy(): unknown } | undefined;
  const done = connectTo(
    address,
    { timeout: 5000, signal, dial: dialTls(tls, 'http/1.1') },
    (socket) => (opened = socket),
  );
  const outcome = await within(
    'the handshake',
    done.then(
      () => 'open',
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    ),
  );
  await within('what comes after it', afterwards());
  opened?.destroy();
  return outcome;
}

test.each([
  ['of the authority, for the name', { ca: pair.certificate, serverName: 'a.lastfin.test' }, 'open'],
  [
    'for another name',
    { ca: pair.certificate, serverName: 'elsewhere.test' },
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  ['for no address, without a name', { ca: pair.certificate }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [
    'of another authority',
    { ca: stranger.certificate, serverName: 'a.lastfin.test' },
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  ['of nobody that Node.js trusts', { serverName: 'a.lastfin.test' }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
])('an upstream with a certificate %s', async (_what, tls, outcome) => {
  const { address } = await serve();
  expect(await dial(address, tls)).toBe(outcome);
});

test('an upstream that asks is shown the certificate of the route', async () => {
  const { address, shown } = await serve(true);
  const tls = { ca: pair.certificate, serverName: 'a.lastfin.test', ...pair };
  let raw: Buffer | undefined;
  const outcome = await dial(address, tls, async () => {
    raw = await shown();
  });
  expect(outcome).toBe('open');
  expect(raw).toBeInstanceOf(Buffer);
});
