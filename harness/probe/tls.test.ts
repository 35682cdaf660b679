import { once } from 'node:events';
import tls from 'node:tls';
import { expect, test } from 'vitest';
import { clientOptions } from './fixtures/psk.mjs';
import { drainedTo, markedLine, openSockets, startFixture, type Fixture } from './fixtures/start-fixture.ts';

const TIMES = 4;

test('a clean TLS proxy has no suspects', async () => {
  const fixture = await startFixture('tls-proxy.mjs', ['mended']);
  try {
    const idle = await openSockets(fixture);
    await round(fixture, idle);
    await fixture.probe.baseline();
    for (let i = 0; i < 3; i++) {
      await round(fixture, idle);
      expect((await fixture.probe.report()).suspects).toEqual([]);
    }
  } finally {
    await fixture.stop();
  }
});

test('TLS over a socket is one leak, with the line that connected the socket beneath', async () => {
  const fixture = await startFixture('tls-proxy.mjs', ['leaky']);
  try {
    const idle = await openSockets(fixture);
    await fixture.probe.baseline();
    // each visit leaves both ends of its connection to the upstream
    await round(fixture, idle + 2 * TIMES);
    const { suspects } = await fixture.probe.report();
    const outgoing = suspects.filter(({ sample }) => sample.startsWith('TLSSocket, outgoing'));
    expect(outgoing).toMatchObject([{ resource: 'socket', count: TIMES, rule: 'presence' }]);
    expect(outgoing[0]?.where[0]?.line).toBe(markedLine('tls-proxy.mjs', 'raw'));
    expect(outgoing[0]?.fingerprint).toMatch(/^socket outgoing tls-proxy\.mjs:/);
    expect(suspects.filter(({ resource }) => resource === 'socket')).toHaveLength(2);
  } finally {
    await fixture.stop();
  }
});

test('a listener that keeps ended TLS sockets is one leak, and they are counted with it', async () => {
  const fixture = await startFixture('tls-proxy.mjs', ['listening']);
  try {
    const idle = await openSockets(fixture);
    await round(fixture, idle);
    await fixture.probe.baseline();
    await round(fixture, idle);
    const report = await fixture.probe.report();
    const suspects = report.suspects.filter(({ heldBy }) => heldBy === undefined);
    expect(suspects).toMatchObject([{ resource: 'listener', count: TIMES }]);
    expect(suspects[0]?.where[0]?.line).toBe(markedLine('tls-proxy.mjs', 'session'));
    // both ends, and the socket beneath the one to the upstream
    expect(suspects[0]?.alsoRetains).toBeGreaterThanOrEqual(2 * TIMES);
  } finally {
    await fixture.stop();
  }
});

async function round(fixture: Fixture, upTo: number): Promise<void> {
  await Promise.all(Array.from({ length: TIMES }, (_, i) => exchange(fixture.port, i % 2 === 0)));
  await drainedTo(fixture, upTo);
}

async function exchange(port: number, ends: boolean): Promise<void> {
  const socket = tls.connect({ ...clientOptions, host: '127.0.0.1', port });
  socket.write('hello');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  if (ends) socket.end();
  else socket.destroy();
  await closed;
}
