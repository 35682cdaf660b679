import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:tls';
import { within } from './peers.ts';

/** Records the first bytes that a real TLS client sends; without a name: no SNI. */
export async function recordClientHello(
  servername?: string,
  options: { maxVersion?: 'TLSv1.2' | 'TLSv1.3'; ecdhCurve?: string } = {},
): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    ...(servername !== undefined && { servername }),
    ...options,
  });
  client.on('error', () => {});
  const [socket] = await within('the connection', accepted);
  const [hello] = (await within('the ClientHello', once(socket, 'data'))) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return hello;
}
