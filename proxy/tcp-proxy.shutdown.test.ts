import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tcpListener } from './settings.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { openClient, startUpstream, within } from './testing/peers.ts';
import type { TestUpstream } from './testing/peers.ts';
import { checkInvariants, startProxy } from './testing/proxy-under-test.ts';

let upstream: TestUpstream;

beforeEach(async () => {
  upstream = await startUpstream();
});

afterEach(async () => {
  await upstream.stop();
});

test('both sides end with shutdown, what was sent before still arrives', async () => {
  const target = await startProxy(upstream.port);
  const client = await openClient(target.port);
  const server = await upstream.next();
  const closed = target.proxy.close();
  await Promise.all([client.ended, server.ended]);
  client.socket.end();
  server.socket.end();
  await within('close', closed);
  expect(target.proxy.statistics().terminations).toEqual({
    incoming: { shutdown: 1 },
    outgoing: { shutdown: 1 },
  });
  await target.finish();
});

test('peers that ignore the FIN hold it for the shutdown grace only', async () => {
  const target = await startProxy(upstream.port, { grace: 60_000, shutdownGrace: 100 });
  await openClient(target.port);
  await upstream.next();
  await within('close', target.proxy.close(), 2000);
  await target.finish();
});

test('a connection that is ending with a longer grace is cut short by the shutdown', async () => {
  const target = await startProxy(upstream.port, { maxLifetime: 50, grace: 60_000, shutdownGrace: 100 });
  const client = await openClient(target.port);
  await client.ended;
  await within('close', target.proxy.close(), 2000);
  expect(target.proxy.statistics().terminations.incoming).toEqual({ max_lifetime: 1 });
  await target.finish();
});

test('forceClose waits for no grace', async () => {
  const target = await startProxy(upstream.port, { grace: 60_000 });
  await openClient(target.port);
  await upstream.next();
  void target.proxy.close();
  await within('forced close', target.proxy.forceClose(), 1000);
  await target.finish();
});

test('connections in the accept backlog are counted, not lost', async () => {
  const target = await startProxy(upstream.port, { grace: 100 });
  const count = 300;
  const sockets = Array.from({ length: count }, () => connect(target.port, '127.0.0.1').resume());
  const ends = Promise.all(sockets.map((socket) => once(socket, 'end')));
  // in this tick the kernel has connected all clients and the proxy has accepted none
  expect(target.proxy.statistics().accepted).toBe(0);
  await target.proxy.close();
  await within('a FIN, not a reset, for each', ends);
  expect(target.proxy.statistics()).toMatchObject({
    accepted: count,
    terminations: { incoming: { shutdown: count } },
  });
  await target.finish();
});

test('a port in use is said so, and the proxy can still be closed', async () => {
  const listen = { host: '127.0.0.1', port: upstream.port };
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const proxy = new TcpProxy({ listeners: tcpListener(listen, listen) }, { logger: silent });
  await expect(proxy.listen()).rejects.toMatchObject({ code: 'LASTFIN_PORT_IN_USE' });
  await proxy.close();
});

test('a logger that throws stops no clean-up', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const broken = (): never => {
    throw new Error('disk full');
  };
  const logger = { info: broken, warn: broken, error: broken };
  const target = await startProxy(upstream.port, {}, { logger });
  const client = await openClient(target.port);
  client.socket.resetAndDestroy();
  await target.ends(1);
  checkInvariants(target.proxy);
  await target.finish();
  await new Promise(setImmediate);
  process.off('warning', onWarning);
  expect(warnings.map(({ message }) => message).join()).toContain('disk full');
});
