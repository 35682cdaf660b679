import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { expect, test } from 'vitest';
import type { Suspect } from './protocol.ts';
import { clientOptions } from './fixtures/psk.mjs';
import { drainedTo, openSockets, startFixture } from './fixtures/start-fixture.ts';

const PROTOCOLS = ['http', 'https', 'h2c', 'h2'] as const;
type Protocol = (typeof PROTOCOLS)[number];
const TIMEOUT = 60_000;

test.each(PROTOCOLS)(
  'a connection that waits for a request until its server ends it is no leak, %s',
  async (protocol) => {
    const { sockets, suspects } = await withIdleClient(protocol, String(TIMEOUT));
    expect(suspects.filter(({ endsWithin = 0 }) => endsWithin < TIMEOUT)).toEqual([]);
    expect(sockets).toBe(0);
  },
);

test.each(PROTOCOLS)(
  'a connection that waits for a request and that nothing ends is a leak, %s',
  async (protocol) => {
    const { sockets, suspects } = await withIdleClient(protocol, 'none');
    expect(suspects).toMatchObject([{ resource: 'socket', rule: 'presence' }]);
    expect(sockets).toBe(1);
  },
);

/** Counts the added sockets, and reports the suspects, of a server to which a client keeps a connection without a request. */
async function withIdleClient(
  protocol: Protocol,
  timeout: string,
): Promise<{ sockets: number; suspects: Suspect[] }> {
  const fixture = await startFixture('idle-connections.mjs', [protocol, timeout]);
  try {
    const before = await openSockets(fixture);
    (await visit[protocol](fixture.port))();
    await drainedTo(fixture, before);
    await fixture.probe.baseline();
    const leave = await visit[protocol](fixture.port);
    const sockets = (await openSockets(fixture)) - before;
    const { suspects } = await fixture.probe.report();
    leave();
    return { sockets, suspects };
  } finally {
    await fixture.stop();
  }
}

/** Makes a request, and resolves to a function that ends its connection. */
const visit: Record<Protocol, (port: number) => Promise<() => void>> = {
  http: (port) => visitByAgent(http, port),
  https: (port) => visitByAgent(https, port),
  h2c: (port) => visitBySession(`http://127.0.0.1:${port}`),
  h2: (port) => visitBySession(`https://127.0.0.1:${port}`),
};

async function visitByAgent({ Agent, get }: typeof http | typeof https, port: number): Promise<() => void> {
  const agent = new Agent({ keepAlive: true });
  const request = get({ ...clientOptions, host: '127.0.0.1', port, agent });
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  await once(answer.resume(), 'close');
  return () => agent.destroy();
}

async function visitBySession(url: string): Promise<() => void> {
  const session = http2.connect(url, clientOptions);
  await once(session.request().resume(), 'close');
  return () => session.destroy();
}
