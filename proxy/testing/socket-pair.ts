import { once } from 'node:events';
import net from 'node:net';
import { onTestFinished } from 'vitest';

/** Connects a socket to another of the same process. Both can be half-open, and are closed when the test has finished. */
export async function socketPair(): Promise<[client: net.Socket, accepted: net.Socket]> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [accepted] = (await once(server, 'connection')) as [net.Socket];
  onTestFinished(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  return [client, accepted];
}
