import { once } from 'node:events';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { Teardown } from '../lab/teardown.ts';
import type { Step } from '../scenario/step.ts';
import type { Transport } from '../scenario/transport.ts';
import type { ActorConnection } from './actor-connection.ts';
import { runClientAlone, startUpstreamAlone } from './testing/actors-alone.ts';

// Each side of the harness speaks WebSocket over HTTP/2 with the other, and with Node's own module.

const bytes: Transport = { protocol: 'websocket', http2: true };
const frames: Transport = { protocol: 'websocket-frames', http2: true };

let teardown = new Teardown();
afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

const ENDED: Step = { kind: 'expect-ending', ending: 'closed' };
const CLOSE: Step = { kind: 'close' };
const send = (count: number): Step => ({ kind: 'send', bytes: count });
const hears = (count: number): Step => ({ kind: 'expect', bytes: count });

const runClient = (port: number, script: Step[], transport = bytes): Promise<ActorConnection> =>
  runClientAlone(port, script, { transport, teardown });

/** Both sides of the harness, with nothing between them. */
async function talk(
  transport: Transport,
  client: Step[],
  upstream: Step[],
): Promise<[ActorConnection, ActorConnection]> {
  const { port, done } = await startUpstreamAlone(upstream, { transport, teardown });
  const one = await runClient(port, client, transport);
  return [one, await done()];
}

/** Node's own server, and what it does with each stream. */
async function startServer(
  settings: http2.Settings,
  serve: (stream: http2.ServerHttp2Stream, head: http2.IncomingHttpHeaders) => void,
): Promise<number> {
  const server = http2.createServer({ settings });
  server.on('stream', (stream, head) => {
    stream.on('error', () => undefined);
    serve(stream, head);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown.add('the server', () => void server.close());
  return (server.address() as AddressInfo).port;
}

test.each([
  ['bytes', bytes],
  ['frames', frames],
])('%s pass both ways, and each side ends its own', async (_, transport) => {
  const [client, upstream] = await talk(
    transport,
    [send(200_000), hears(70_000), CLOSE],
    [hears(200_000), send(70_000), ENDED, CLOSE],
  );
  expect([client.failure, upstream.failure]).toEqual([undefined, undefined]);
  expect(client.describe()).toMatchObject({ sent: 200_000, received: 70_000, seen: 'end' });
  expect(upstream.describe()).toMatchObject({ sent: 70_000, received: 200_000, seen: 'end' });
  expect([client.describe().wrong, upstream.describe().wrong]).toEqual([undefined, undefined]);
});

test('messages, pings and close codes are those of HTTP/1.1', async () => {
  const [client, upstream] = await talk(
    frames,
    [
      { kind: 'ws', message: { type: 'text', text: 'grüß dich', fragments: 3 } },
      { kind: 'ws', message: { type: 'ping', text: 'there?' } },
      { kind: 'expect-ws', message: { type: 'pong' } },
      { kind: 'expect-ws', message: { type: 'binary', bytes: 1000 } },
      { kind: 'ws', message: { type: 'close', code: 4001, reason: 'enough' } },
      { kind: 'expect-ws', message: { type: 'close', codes: [4001] } },
      ENDED,
      CLOSE,
    ],
    [
      { kind: 'expect-ws', message: { type: 'text', text: 'grüß dich' } },
      { kind: 'ws', message: { type: 'binary', bytes: 1000, length: 1000, fragments: 2 } },
      { kind: 'expect-ws', message: { type: 'close', codes: [4001] } },
      { kind: 'ws', message: { type: 'close', code: 4001, reason: '' } },
      ENDED,
      CLOSE,
    ],
  );
  expect([client.failure, upstream.failure]).toEqual([undefined, undefined]);
  expect([client.seen, upstream.seen]).toEqual(['end', 'end']);
});

test.each([
  ['client', [send(64), hears(64), { kind: 'cancel', code: 'internal-error' }] as Step[], undefined],
  ['upstream', undefined, [hears(64), send(64), { kind: 'cancel', code: 'internal-error' }] as Step[]],
])('the %s cancels its stream, and the other side hears the code', async (_, client, upstream) => {
  const cancelled: Step = { kind: 'expect-h2', frame: 'cancelled' };
  const [one, other] = await talk(
    bytes,
    client ?? [send(64), hears(64), cancelled],
    upstream ?? [hears(64), send(64), cancelled],
  );
  expect([one.failure, other.failure]).toEqual([undefined, undefined]);
  expect(client === undefined ? one.seen : other.seen).toBe('rst-internal-error');
});

test('a connection that ends under a WebSocket is no graceful end', async () => {
  const [client, upstream] = await talk(
    bytes,
    [send(64), hears(64), { kind: 'abandon' }],
    [hears(64), send(64), ENDED],
  );
  expect([client.failure, upstream.failure]).toEqual([undefined, undefined]);
  expect(upstream.seen).toBe('truncated');
});

test("Node's server hears a client that waits for its SETTINGS", async () => {
  const heads: http2.IncomingHttpHeaders[] = [];
  const port = await startServer({ enableConnectProtocol: true }, (stream, head) => {
    heads.push(head);
    stream.respond({ ':status': 200 });
    stream.pipe(stream);
  });
  const client = await runClient(port, [send(64), { kind: 'half-close' }, ENDED]);
  expect(client.failure).toBeUndefined();
  expect(client.describe()).toMatchObject({ received: 64, seen: 'end' });
  expect(heads).toMatchObject([
    { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/', 'sec-websocket-version': '13' },
  ]);
});

test('a server that announces nothing is asked nothing', async () => {
  let streams = 0;
  const port = await startServer({}, () => streams++);
  const client = await runClient(port, [send(64)]);
  expect([client.seen, streams]).toEqual(['no-connect-protocol', 0]);
});

test('a refusal is seen by its status, and ends the connection', async () => {
  let closed: Promise<unknown> | undefined;
  const port = await startServer({ enableConnectProtocol: true }, (stream) => {
    closed = once(stream.session as http2.ServerHttp2Session, 'close');
    stream.respond({ ':status': 403 }, { endStream: true });
  });
  expect((await runClient(port, [send(64)])).seen).toBe('403');
  await closed;
});

test("Node's client is answered by an upstream", async () => {
  const { port, done } = await startUpstreamAlone([hears(5), send(7), ENDED, CLOSE], {
    transport: bytes,
    teardown,
  });
  const session = http2.connect(`http://127.0.0.1:${port}`);
  teardown.add('the session', () => session.destroy());
  await once(session, 'remoteSettings');
  expect(session.remoteSettings.enableConnectProtocol).toBe(true);
  const stream = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/' });
  const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  stream.write('hello');
  const heard: Buffer[] = [];
  for await (const chunk of stream) {
    heard.push(chunk as Buffer);
    if (Buffer.concat(heard).length === 7) stream.end();
  }
  expect(head[':status']).toBe(200);
  const upstream = await done();
  expect(upstream.failure).toBeUndefined();
  expect(upstream.seen).toBe('end');
});

test('a plain request with `protocol` is an extended CONNECT, whose answer the script awaits itself', async () => {
  const { port, done } = await startUpstreamAlone(
    [
      { kind: 'expect-request' },
      { kind: 'respond', response: { status: 200, headers: {}, body: 0 } },
      hears(64),
      send(64),
      ENDED,
      CLOSE,
    ],
    { transport: { protocol: 'h2' }, teardown },
  );
  const request = { method: 'CONNECT', path: '/', headers: {}, body: 0, protocol: 'websocket' };
  const client = await runClient(
    port,
    [
      { kind: 'request', request },
      { kind: 'expect-response', statuses: [200], whole: false },
      send(64),
      hears(64),
      CLOSE,
    ],
    { protocol: 'h2' },
  );
  const upstream = await done();
  expect([client.failure, upstream.failure]).toEqual([undefined, undefined]);
});
