import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createRecord, createSide } from './connection-record.ts';
import { passEnd } from './end-socket.ts';

const servers: net.Server[] = [];
const sockets: net.Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** Both ends of a connection. */
async function connected(): Promise<[ours: net.Socket, peer: net.Socket]> {
  const server = net.createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const ours = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [peer] = (await once(server, 'connection')) as [net.Socket];
  sockets.push(ours, peer);
  return [ours, peer];
}

test.each([0, 8 * 1024 * 1024])(
  'a second FIN that is passed on while %i bytes wait comes behind them',
  async (waiting) => {
    const [client] = await connected();
    const [upstream, peer] = await connected();
    const record = createRecord('1', client, 0);
    const side = createSide(record, 'outgoing', upstream);
    record.outgoing = side;
    side.connected = true;
    side.ended = true;
    upstream.write(Buffer.alloc(waiting));
    passEnd(record, record.incoming);
    // a close in the place of a shutdown and a close
    expect(upstream.destroyed).toBe(waiting === 0);
    let received = 0;
    peer.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await once(peer, 'end');
    expect(received).toBe(waiting);
  },
);

test('no FIN is passed on to an upstream that is connecting, nor to one whose connection is ending', async () => {
  const [client] = await connected();
  const [upstream] = await connected();
  const record = createRecord('1', client, 0);
  record.outgoing = createSide(record, 'outgoing', upstream);
  passEnd(record, record.incoming);
  record.outgoing.connected = true;
  record.ending = true;
  passEnd(record, record.incoming);
  expect(upstream.writableEnded).toBe(false);
});
