import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';

import { expect, test } from 'vitest';

import { Blackhole } from '../../lab/network/blackhole.ts';
import { Ports } from '../../lab/network/ports.ts';
import { acceptQueue, isListening, isListeningOnIpv6 } from './accept-queue.ts';

const linux = existsSync('/proc/self/net/tcp');

test.runIf(linux)('counts what a listener has not accepted yet', async () => {
  const address = { host: '127.0.0.1', port: await new Ports().take() };
  const hole = await Blackhole.open(address);
  expect(acceptQueue(process.pid, address.port)).toBeGreaterThanOrEqual(1);
  await hole.close();
});

test.runIf(linux)('is 0 for a listener that accepts', async () => {
  const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const accepted = once(server, 'connection');
  const client = net.connect(port, '127.0.0.1');
  await accepted;
  expect(acceptQueue(process.pid, port)).toBe(0);
  client.destroy();
  server.close();
});

test('is unknown for a process that is not there', () => {
  expect(acceptQueue(2 ** 30, 1)).toBeUndefined();
});

test.runIf(linux)('a listener is seen without a connection, and its end, too', async () => {
  let connections = 0;
  const server = net.createServer(() => connections++).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  expect(isListening(process.pid, port)).toBe(true);
  server.close();
  await once(server, 'close');
  expect(isListening(process.pid, port)).toBe(false);
  expect(connections).toBe(0);
  expect(isListening(2 ** 30, port)).toBeUndefined();
});

test.runIf(linux)('a listener on an address of IPv4 takes no IPv6', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  expect(isListeningOnIpv6(process.pid, port)).toBe(false);
  server.close();
  expect(isListeningOnIpv6(2 ** 30, port)).toBeUndefined();
});
