import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { answerCollectors, COLLECT_CHANNEL } from './diagnostics.ts';
import { tcpListener } from '../settings.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { openClient, startUpstream } from '../testing/peers.ts';
import { startProxy } from '../testing/proxy-under-test.ts';

test('a collector is answered synchronously, until told to stop; other messages are let be', () => {
  const stop = answerCollectors(() => ({
    accepted: 3,
    active: 1,
    outgoingCreated: 2,
    activeOutgoing: 1,
    terminations: { incoming: { normal: 1, connection_refused: 1 }, outgoing: { closed_incoming: 1 } },
  }));
  const seen: unknown[][] = [];
  const collector = {
    gauge: (...call: unknown[]) => void seen.push(call),
    counter: (...call: unknown[]) => void seen.push(call),
    termination: (...call: unknown[]) => void seen.push(call),
  };
  channel(COLLECT_CHANNEL).publish({ gauge: 'not a collector' });
  channel(COLLECT_CHANNEL).publish(collector);
  expect(seen).toEqual([
    ['records', 1],
    ['outgoing', 1],
    ['accepted', 3],
    ['outgoing_created', 2],
    ['incoming', 'normal', 1],
    ['incoming', 'connection_refused', 1],
    ['outgoing', 'closed_incoming', 1],
  ]);
  stop();
  channel(COLLECT_CHANNEL).publish(collector);
  expect(seen.length).toBe(7);
});

test('events of connections and of a reload, in their order', async () => {
  const upstream = await startUpstream({ answer: true });
  const clock = createManualClock();
  const target = await startProxy(
    upstream.port,
    { inactivityTimeout: 1000, keepAlive: 'standard', keepAliveGrace: 1000, maxConnections: 1 },
    { clock },
  );
  const seen: [string, unknown][] = [];
  const names = ['accept', 'connect', 'reject', 'warn', 'end'].map((name) => `lastfin:connection:${name}`);
  const listen = (message: unknown, name: string | symbol): void => void seen.push([String(name), message]);
  for (const name of [...names, 'lastfin:reload']) subscribe(name, listen);
  const client = await openClient(target.port);
  await upstream.next();
  // the reset may arrive before the connect is done
  const refused = connect(target.port, '127.0.0.1').on('error', () => undefined);
  await target.ends(1);
  refused.destroy();
  while (!seen.some(([name]) => name === 'lastfin:connection:warn')) {
    clock.advance(100);
    await new Promise(setImmediate);
  }
  await target.proxy.reload(tcpListener({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: 1 }));
  await client.ended;
  client.socket.end();
  await target.ends(2);
  for (const name of [...names, 'lastfin:reload']) unsubscribe(name, listen);
  const from = { remoteAddress: '127.0.0.1', remotePort: expect.any(Number) };
  const route = 'tcp';
  expect(seen).toEqual([
    ['lastfin:connection:accept', { id: '1', ...from, listener: 'tcp' }],
    [
      'lastfin:connection:connect',
      { id: '1', ...from, route, upstream: { host: '127.0.0.1', port: upstream.port } },
    ],
    ['lastfin:connection:accept', { id: '2', ...from, listener: 'tcp' }],
    ['lastfin:connection:reject', { id: '2', ...from, reason: 'rejected_limit' }],
    ['lastfin:connection:end', expect.objectContaining({ id: '2', incoming: 'rejected_limit' })],
    ['lastfin:connection:warn', { id: '1', ...from, route, warning: 'inactivity' }],
    ['lastfin:reload', { listeners: ['tcp'], dropped: ['tcp'] }],
    ['lastfin:connection:end', expect.objectContaining({ id: '1', incoming: 'shutdown' })],
  ]);
  await target.finish();
  await upstream.stop();
});
