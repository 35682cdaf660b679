import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { drainedTo, openSockets, startFixture, type Fixture } from './fixtures/start-fixture.ts';

test('a clean TCP proxy, ended, reset and destroyed in many rounds, has no suspects', async () => {
  const fixture = await startFixture('clean-proxy.mjs');
  try {
    const sockets = await openSockets(fixture);
    const round = async (times: number): Promise<void> => {
      await Promise.all(Array.from({ length: times }, (_, i) => exchange(fixture.port, ENDINGS[i % 3])));
      await drainedTo(fixture, sockets);
    };
    await round(6);
    await fixture.probe.baseline();
    for (let i = 0; i < 25; i++) {
      await round(6);
      if (i % 5 === 4) expect((await fixture.probe.report()).suspects).toEqual([]);
    }
  } finally {
    await fixture.stop();
  }
}, 30_000);

test('a clean HTTP proxy with keep-alive has no suspects after its drain', async () => {
  const fixture = await startFixture('http-server.mjs');
  const agent = new http.Agent({ keepAlive: true });
  try {
    const sockets = await openSockets(fixture);
    const round = async (times: number): Promise<void> => {
      await Promise.all(Array.from({ length: times }, () => post(fixture.port, agent)));
      await drainedTo(fixture, sockets);
    };
    await round(6);
    await fixture.probe.baseline();
    for (const times of [6, 12, 6]) {
      await round(times);
      expect((await fixture.probe.report()).suspects).toEqual([]);
    }
  } finally {
    agent.destroy();
    await fixture.stop();
  }
}, 30_000);

test('nothing that a sound program keeps on purpose is a leak by its presence', async () => {
  const { probe, visit, stop } = await startFixture('resident-server.mjs');
  try {
    await visit(5);
    await untilVisitsEnd(probe);
    await probe.baseline();
    for (const times of [5, 10]) {
      await visit(times);
      await untilVisitsEnd(probe);
      const { suspects } = await probe.report();
      expect(suspects.filter(({ rule }) => rule === 'presence')).toEqual([]);
    }
  } finally {
    await stop();
  }
}, 30_000);

const ENDINGS = ['end', 'reset', 'destroy'] as const;

async function exchange(port: number, ending: (typeof ENDINGS)[number] | undefined): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  socket.write('hello');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  if (ending === 'end') socket.end();
  else if (ending === 'reset') socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}

async function post(port: number, agent: http.Agent): Promise<void> {
  const request = http.request({ port, host: '127.0.0.1', agent, method: 'POST' });
  request.end('x'.repeat(1000));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  await once(response.resume(), 'end');
}

async function untilVisitsEnd(probe: Fixture['probe']): Promise<void> {
  for (let wait = 1; (await probe.sample()).gauges['incoming'] !== 0; wait = Math.min(wait * 2, 50)) {
    await pause(wait);
  }
}
