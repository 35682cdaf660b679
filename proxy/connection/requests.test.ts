import { once } from 'node:events';
import net from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { Requests } from './requests.ts';

const READ = 65_536;
const servers: net.Server[] = [];
const sockets: net.Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Both ends of a connection. */
async function connected(): Promise<[client: net.Socket, server: net.Socket]> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [accepted] = (await once(server, 'connection')) as [net.Socket];
  sockets.push(client, accepted);
  return [client, accepted];
}

test.each([0, 28, READ - 1])(
  'a client that has filled the room goes on, though %s bytes of a header were dropped before its upstream was connected',
  async (header) => {
    const [peer, client] = await connected();
    const [upstream, receiver] = await connected();
    const body = 3 * READ;
    peer.end(Buffer.alloc(header + body, 'x'));
    const full = new Promise<void>((resolve) => {
      const requests = new Requests(client, () => {
        if (requests.size < READ) return;
        requests.discard(header);
        requests.passOn(upstream);
        client.on('end', () => upstream.end());
        resolve();
      });
    });
    await full;
    let received = 0;
    receiver.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await once(receiver, 'end');
    expect(received).toBe(body);
  },
);
