import { once } from 'node:events';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';

import { afterEach, expect, test } from 'vitest';

import { Teardown } from '../../lab/teardown.ts';
import { FreezableStream } from './h2/freezable-stream.ts';
import { KeyUpdateStream } from './tls/key-update-stream.ts';
import { PiecewiseSocket } from './tls/piecewise-socket.ts';

const teardown = new Teardown();
afterEach(() => teardown.run());

test.each([
  ['freezable', (socket: net.Socket) => new FreezableStream(socket)],
  ['piecewise', (socket: net.Socket) => new PiecewiseSocket(socket, {})],
  ['of key updates', (socket: net.Socket) => new KeyUpdateStream(socket, true)],
])('a stream %s keeps what has come for a reader who reads after the socket has closed', async (_, over) => {
  // a record of TLS that is no handshake, so that it can be passed on by each
  const record = Buffer.concat([Buffer.from([21, 3, 3, 0x27, 0x10]), Buffer.alloc(10_000, 'x')]);
  const server = net.createServer((peer) => void peer.end(record));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown.add('the server', () => void server.close());
  const { port } = server.address() as net.AddressInfo;
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  teardown.add('the socket', () => void socket.destroy());
  const stream = over(socket).end();
  await once(socket, 'close');
  expect(await buffer(stream)).toEqual(record);
  if (!stream.closed) await once(stream, 'close');
});
