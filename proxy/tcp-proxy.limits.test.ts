import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createManualClock } from './testing/manual-clock.ts';
import { openClient, startUpstream } from './testing/peers.ts';
import type { TestUpstream } from './testing/peers.ts';
import { startProxy } from './testing/proxy-under-test.ts';
import type { ProxyUnderTest } from './testing/proxy-under-test.ts';

let upstream: TestUpstream;
let target: ProxyUnderTest | undefined;

beforeEach(async () => {
  upstream = await startUpstream({ answer: true });
});

afterEach(async () => {
  await target?.finish();
  await upstream.stop();
});

/** Connects a client that is refused: by a reset during the connect or just after it. */
async function refused(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const code = await new Promise<string | undefined>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  expect(code).toBe('ECONNRESET');
}

test.each([{ maxConnections: 1 }, { maxConnectionsPerIp: 1 }])(
  'over %j a client is reset, no upstream is made, and a place that is free again is given again',
  async (limits) => {
    target = await startProxy(upstream.port, limits);
    const first = await openClient(target.port);
    await upstream.next();
    await refused(target.port);
    expect(await target.ends(1)).toMatchObject([{ incoming: 'rejected_limit' }]);
    expect(target.proxy.statistics().outgoingCreated).toBe(1);
    first.socket.end();
    await target.ends(2);
    const next = await openClient(target.port);
    await upstream.next();
    next.socket.end();
    expect((await target.ends(3))[2]).toMatchObject({ incoming: 'normal' });
  },
);

test('a denied address', async () => {
  target = await startProxy(upstream.port, { deny: ['127.0.0.0/8'] });
  await refused(target.port);
  expect(await target.ends(1)).toMatchObject([{ incoming: 'rejected_ip' }]);
  expect(target.proxy.statistics().outgoingCreated).toBe(0);
});

test('more new connections a second than allowed', async () => {
  // a window that ends in between would allow more connections
  const clock = createManualClock();
  target = await startProxy(upstream.port, { connectionRatePerIp: 2 }, { clock });
  const clients = [await openClient(target.port), await openClient(target.port)];
  await refused(target.port);
  expect(await target.ends(1)).toMatchObject([{ incoming: 'rejected_limit' }]);
  clock.advance(1000);
  clients.push(await openClient(target.port));
  for (const client of clients) client.socket.end();
  await target.ends(4);
});
