import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';

import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

import { Teardown } from '../lab/teardown.ts';
import type { Step } from '../scenario/step.ts';
import { TRANSPORT_WORDS } from '../scenario/transport.ts';
import type { WsMessage } from '../scenario/protocols/ws-step.ts';
import type { ActorConnection } from './actor-connection.ts';
import { runClientAlone, startUpstreamAlone } from './testing/actors-alone.ts';
import { FramePipe } from './transports/websocket/frame-pipe.ts';

// Each side of the harness speaks WebSocket with the other, and with the package `ws`.

const transport = TRANSPORT_WORDS['websocket-frames'];

let teardown = new Teardown();
afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

const binary = (bytes: number, more: object = {}): Step => ({
  kind: 'ws',
  message: { type: 'binary', bytes, length: bytes, fragments: 1, ...more } as WsMessage,
});
const text = (given: string, more: object = {}): Step => ({
  kind: 'ws',
  message: { type: 'text', text: given, fragments: 1, ...more },
});
const probe = (type: 'ping' | 'pong', given = ''): Step => ({ kind: 'ws', message: { type, text: given } });
const closing = (code: number, reason = ''): Step => ({
  kind: 'ws',
  message: { type: 'close', code, reason },
});
const hears = (message: Extract<Step, { kind: 'expect-ws' }>['message']): Step => ({
  kind: 'expect-ws',
  message,
});
const ENDED: Step = { kind: 'expect-ending', ending: 'closed' };
const CLOSE: Step = { kind: 'close' };

const runClient = (port: number, script: Step[], deadline?: number): Promise<ActorConnection> =>
  runClientAlone(port, script, { transport, teardown, deadline });
const startUpstream = (script: Step[], deadline?: number): ReturnType<typeof startUpstreamAlone> =>
  startUpstreamAlone(script, { transport, teardown, deadline });

/** Both sides of the harness, with nothing between them. */
async function talk(client: Step[], upstream: Step[]): Promise<[ActorConnection, ActorConnection]> {
  const { port, done } = await startUpstream(upstream);
  const one = await runClient(port, client);
  return [one, await done()];
}

/** A server of the package `ws`; what it does with each connection. */
async function startServer(serve: (socket: WebSocket) => void): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  teardown.add('the server', () => server.close());
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('bytes go in messages, and end by a handshake of close frames', async () => {
  const [client, upstream] = await talk(
    [{ kind: 'send', bytes: 200_000 }, { kind: 'expect', bytes: 70_000 }, CLOSE],
    [{ kind: 'expect', bytes: 200_000 }, { kind: 'send', bytes: 70_000 }, ENDED, CLOSE],
  );
  expect([client.failure, upstream.failure]).toEqual([undefined, undefined]);
  expect(client.describe()).toMatchObject({ sent: 200_000, received: 70_000, seen: 'end' });
  expect(upstream.describe()).toMatchObject({ sent: 70_000, received: 200_000, seen: 'end' });
  expect([client.describe().wrong, upstream.describe().wrong]).toEqual([undefined, undefined]);
});

test('messages of any kind and length pass between both sides, whole or in fragments', async () => {
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 200_000];
  const [client, upstream] = await talk(
    [
      ...sizes.flatMap((size) => [binary(size), hears({ type: 'binary', bytes: size })]),
      binary(1000, { fragments: 7 }),
      text('grüß dich', { fragments: 3 }),
      hears({ type: 'text', text: '' }),
      CLOSE,
    ],
    [
      ...sizes.flatMap((size) => [hears({ type: 'binary', bytes: size }), binary(size)]),
      hears({ type: 'binary', bytes: 1000 }),
      hears({ type: 'text', text: 'grüß dich' }),
      text(''),
      ENDED,
      CLOSE,
    ],
  );
  expect([client.failure, upstream.failure]).toEqual([undefined, undefined]);
});

test('the package `ws` as a server hears a client, and the client hears it', async () => {
  const heard: unknown[] = [];
  let closed: Promise<unknown> | undefined;
  const port = await startServer((socket) => {
    closed = once(socket, 'close');
    socket.on('message', (data: Buffer, isBinary) => {
      heard.push(isBinary ? data.length : String(data));
      socket.send(data, { binary: isBinary });
    });
    socket.on('ping', (data: Buffer) => heard.push(`ping ${String(data)}`));
  });
  const client = await runClient(port, [
    binary(64),
    hears({ type: 'binary', bytes: 64 }),
    binary(100_000, { fragments: 9 }),
    hears({ type: 'binary', bytes: 100_000 }),
    text('hello', { fragments: 2 }),
    hears({ type: 'text', text: 'hello' }),
    probe('ping', 'still there?'),
    hears({ type: 'pong' }),
    closing(4001, 'enough'),
    hears({ type: 'close', codes: [4001] }),
    ENDED,
    CLOSE,
  ]);
  expect(client.failure).toBeUndefined();
  expect(heard).toEqual([64, 100_000, 'hello', 'ping still there?']);
  expect(await closed).toEqual([4001, Buffer.from('enough')]);
  expect(client.seen).toBe('end');
});

test('the package `ws` as a client hears an upstream, and the upstream hears it', async () => {
  const { port, done } = await startUpstream([
    hears({ type: 'text', text: 'hello' }),
    binary(100_000, { fragments: 9 }),
    probe('ping'),
    hears({ type: 'pong' }),
    closing(1001, 'away'),
    hears({ type: 'close' }),
    ENDED,
    CLOSE,
  ]);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const received = once(socket, 'message') as Promise<[Buffer, boolean]>;
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  await once(socket, 'open');
  socket.send('hello');
  expect((await received)[0].length).toBe(100_000);
  const [code, reason] = await closed;
  expect([code, String(reason)]).toEqual([1001, 'away']);
  expect((await done()).failure).toBeUndefined();
});

test.each([
  ['a frame that is not masked', binary(64, { masked: false }), 1002],
  ['a reserved bit', binary(64, { reserved: 4 }), 1002],
  ['an unknown kind of frame', { kind: 'raw', text: '\x83\x80\0\0\0\0' } satisfies Step, 1002],
  ['a text that is no UTF-8', { kind: 'raw', text: '\x81\x81\0\0\0\0\xff' } satisfies Step, 1007],
] as const)('%s is refused by the package `ws` and by an upstream alike', async (_what, wrong, code) => {
  const script: Step[] = [wrong, hears({ type: 'close', codes: [code] }), ENDED, CLOSE];
  const port = await startServer(() => undefined);
  expect((await runClient(port, script)).failure).toBeUndefined();
  const [client, upstream] = await talk(script, [ENDED, CLOSE]);
  expect(client.failure).toBeUndefined();
  expect(upstream.seen).toMatch(/^invalid WebSocket: /);
});

test('frames that an upstream masks are refused by the package `ws` and by a client alike', async () => {
  const script: Step[] = [binary(64, { masked: true }), ENDED, CLOSE];
  const { port, done } = await startUpstream(script);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toContain('MASK must be clear');
  expect((await done()).failure).toBeUndefined();
  expect((await talk([ENDED, CLOSE], script))[0].seen).toBe('invalid WebSocket: a frame is masked');
});

test('half a frame, and then an end or a reset, is no message', async () => {
  for (const end of ['close', 'abandon', 'reset'] as const) {
    const [client, upstream] = await talk([binary(100, { length: 1000 }), { kind: end }], [ENDED, CLOSE]);
    expect(client.failure).toBeUndefined();
    expect(upstream.describe()).toMatchObject(
      end === 'reset' ? { seen: 'reset' } : { seen: 'truncated', received: 100 },
    );
  }
});

test('what a message does not say, a step does not take for said', async () => {
  const [client] = await talk([hears({ type: 'text', text: 'yes' })], [text('no')]);
  expect(client.failure?.message).toBe('expected the message "yes", a text message of 2 bytes came: "no"');
  const [other] = await talk([hears({ type: 'close', codes: [1000] })], [closing(4000)]);
  expect(other.failure?.message).toBe('expected a close frame with 1000, its code is 4000');
  const [none] = await talk([hears({ type: 'pong' })], [{ kind: 'abandon' }]);
  expect(none.failure?.message).toContain('expected a pong frame, none came');
});

test('a failed write ends a flood: the pipe asks for no more bytes', async () => {
  let writes = 0;
  const inner = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => void setImmediate(() => done(new Error('gone'))),
  });
  const pipe = new FramePipe(inner, { isClient: true, script: [] });
  const failed = once(pipe, 'error');
  pipe.on('error', () => undefined);
  const more = (): void => {
    while (writes++ < 100) if (!pipe.write(Buffer.alloc(65_521))) return;
  };
  pipe.on('drain', more);
  more();
  expect(await failed).toMatchObject([{ message: 'gone' }]);
  expect(writes).toBe(1);
});

test('a script that waits for a ping or a close frame answers it itself', async () => {
  const [client] = await talk(
    [
      probe('ping', 'x'),
      hears({ type: 'pong' }),
      closing(1000),
      hears({ type: 'close', codes: [4000] }),
      CLOSE,
    ],
    [
      hears({ type: 'ping' }),
      probe('pong', 'x'),
      hears({ type: 'close', codes: [1000] }),
      closing(4000),
      ENDED,
      CLOSE,
    ],
  );
  expect(client.failure).toBeUndefined();
});
