import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { startUpstream, within } from '../testing/peers.ts';
import { startProxy } from '../testing/proxy-under-test.ts';

const CONNECTIONS = 500;

/** Counts all timers of this process, unref'd ones too, which `process.getActiveResourcesInfo()` leaves out. */
function timers(): number {
  const sample = setTimeout(() => undefined, 0);
  clearTimeout(sample);
  return queryObjects(sample.constructor, { format: 'count' });
}

/** Opens a connection through the proxy, sends a byte each way, and leaves it idle. */
async function openIdle(port: number): Promise<Socket> {
  const client = connect({ port, host: '127.0.0.1' });
  client.write('x');
  await once(client, 'data');
  return client;
}

test(`${CONNECTIONS} idle connections add no timer to that of the first, though every clock is on`, async () => {
  const upstream = await startUpstream({ answer: true });
  const served = (async () => {
    for (let count = 0; count <= CONNECTIONS; count++) (await upstream.next()).socket.write('x');
  })();
  const target = await startProxy(upstream.port, {
    initialTimeout: 60_000,
    inactivityTimeout: 600_000,
    halfOpenTimeout: 120_000,
    maxLifetime: 86_400_000,
    connectionRatePerIp: 10 * CONNECTIONS,
    keepAlive: 'extended',
  });
  const first = await within('the first connection', openIdle(target.port));
  const before = timers();
  const more = Array.from({ length: CONNECTIONS }, () => openIdle(target.port));
  const clients = [first, ...(await within('all connections', Promise.all(more), 20_000))];
  await served;
  expect(target.proxy.connectionCount()).toBe(CONNECTIONS + 1);
  // the test runner may have a timer more; one timer a connection would be hundreds
  expect(timers() - before).toBeLessThan(5);
  for (const client of clients) client.end();
  await target.ends(CONNECTIONS + 1);
  await target.finish();
  await upstream.stop();
}, 60_000);
