import { once } from 'node:events';
import net from 'node:net';

import { expect, test } from 'vitest';

import { Ports } from './ports.ts';
import { Blackhole } from './blackhole.ts';

test('a connect to a blackhole stays pending, and is refused once the hole is closed', async () => {
  const address = { host: '127.0.0.1', port: await new Ports().take() };
  const hole = await Blackhole.open(address);
  const socket = net.connect(address);
  const ended = once(socket, 'connect').then(
    () => 'connected',
    (error: NodeJS.ErrnoException) => error.code,
  );
  const other = net.connect(address);
  const otherEnded = once(other, 'connect').then(
    () => 'connected',
    (error: NodeJS.ErrnoException) => error.code,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(socket.connecting).toBe(true);
  expect(other.connecting).toBe(true);
  await hole.close();
  // the kernel retries the SYN after 1 s, and meets a closed port
  expect(await ended).toBe('ECONNREFUSED');
  expect(await otherEnded).toBe('ECONNREFUSED');
});

test('an address in use is a lab error', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  await expect(Blackhole.open({ host: '127.0.0.1', port })).rejects.toThrow(/EADDRINUSE/);
  server.close();
});
