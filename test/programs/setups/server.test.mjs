// A test that leaves a server: vitest kills the worker, and nobody notices.
import net from 'node:net';
import { test } from 'vitest';

test('leaves a server', async () => {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)); // leak: server
});
