import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { startFixture } from './fixtures/start-fixture.ts';
import { readOsSample } from './os-sample.ts';

test('sees the states of a process: LISTEN, ESTABLISHED, CLOSE_WAIT', async () => {
  const { child, port, stop } = await startFixture('clean-proxy.mjs');
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  try {
    client.write('hello');
    await once(client, 'data');
    const sample = await readOsSample(child.pid ?? 0);
    // incoming, and both ends of outgoing: the upstream is in the same process
    expect(sample).toMatchObject({ available: true, tcp: { LISTEN: 2, ESTABLISHED: 3 } });
    if (!sample.available) return;
    expect(sample.rows).toContainEqual(
      expect.objectContaining({
        family: 4,
        local: `127.0.0.1:${port}`,
        remote: `127.0.0.1:${client.localPort}`,
      }),
    );
    expect(new Set(sample.rows.map(({ inode }) => inode)).size).toBe(sample.rows.length);
  } finally {
    client.destroy();
    await stop();
  }
});

test('reads IPv6 addresses', async () => {
  const server = net.createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '::1', resolve));
  } catch {
    return; // no IPv6 on this machine
  }
  const sample = await readOsSample(process.pid);
  const { port } = server.address() as net.AddressInfo;
  expect(sample.available && sample.rows).toContainEqual(
    expect.objectContaining({ family: 6, state: 'LISTEN', local: `[::1]:${port}` }),
  );
  await new Promise((resolve) => server.close(resolve));
});

test('a process that is gone is not available', async () => {
  expect(await readOsSample(2 ** 30)).toEqual({ available: false, why: expect.stringContaining('gone') });
});
