import { once } from 'node:events';

import {
  Client as GrpcClient,
  type ClientDuplexStream,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type StatusObject,
} from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';

import { Teardown } from '../lab/teardown.ts';
import { GRPC_PATH, type GrpcAct, type ExpectedGrpc } from '../scenario/protocols/grpc-step.ts';
import type { H2Code } from '../scenario/h2-codes.ts';
import type { Step } from '../scenario/step.ts';
import { TRANSPORT_WORDS } from '../scenario/transport.ts';
import type { ActorConnection } from './actor-connection.ts';
import { runClientAlone, startUpstreamAlone } from './testing/actors-alone.ts';

// Each side of the harness speaks gRPC with the other, and with the package `@grpc/grpc-js`.

const transport = TRANSPORT_WORDS.grpc;

let teardown = new Teardown();
afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

const grpc = (act: GrpcAct): Step => ({ kind: 'grpc', act });
const hears = (part: ExpectedGrpc): Step => ({ kind: 'expect-grpc', part });
const CALL = grpc({ type: 'call', path: GRPC_PATH });
const END = grpc({ type: 'end' });
const ENDED = hears({ type: 'end' });
const message = (bytes: number): Step => grpc({ type: 'message', bytes });
const heard = (bytes: number): Step => hears({ type: 'message', bytes });
const status = (code: number, text = ''): Step => grpc({ type: 'status', code, text });
const told = (...codes: number[]): Step => hears({ type: 'status', codes });
const CLOSE: Step = { kind: 'close' };
const RESET: Step = { kind: 'reset' };

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

type Call = ServerDuplexStream<Buffer, Buffer>;

const same = (bytes: Buffer): Buffer => bytes;
const METHOD = {
  path: GRPC_PATH,
  requestStream: true,
  responseStream: true,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
} as const;

/** A server of the package; what it does with each call. */
async function startServer(serve: (call: Call) => void): Promise<number> {
  const server = new Server();
  server.addService({ Call: METHOD }, { Call: serve });
  teardown.add('the server', () => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

/** A call of the package to a port: its messages come as `data`, its end as `status`. */
function callOf(port: number, options: { deadline?: number } = {}) {
  const client = new GrpcClient(`127.0.0.1:${port}`, credentials.createInsecure());
  teardown.add('the client', () => client.close());
  const call = client.makeBidiStreamRequest<Buffer, Buffer>(METHOD.path, same, same, options);
  call.on('error', () => undefined);
  return call;
}

/** Status of a call of the package; a bad one is an error of the call besides. */
const statusOf = (call: ClientDuplexStream<Buffer, Buffer>): Promise<StatusObject> =>
  new Promise((resolve) => call.once('status', resolve));

test.each([
  ['unary', [CALL, message(64), END, heard(100)], [heard(64), ENDED, message(100), status(0)]],
  [
    'with a stream of requests',
    [CALL, message(10), message(0), message(100_000), END, heard(1)],
    [heard(10), heard(0), heard(100_000), ENDED, message(1), status(0)],
  ],
  [
    'with a stream of answers',
    [CALL, message(1), END, heard(10), heard(0), heard(100_000)],
    [heard(1), ENDED, message(10), message(0), message(100_000), status(0)],
  ],
  [
    'with messages both ways in turn',
    [CALL, message(1), heard(2), message(3), heard(4), END],
    [heard(1), message(2), heard(3), message(4), ENDED, status(0)],
  ],
])('a call %s passes between both sides', async (_kind, client, upstream) => {
  const [one, other] = await talk([...client, told(0), CLOSE], upstream);
  expect([one.failure, other.failure]).toEqual([undefined, undefined]);
  expect([one.describe().wrong, other.describe().wrong]).toEqual([undefined, undefined]);
  expect(one.describe().received).toBe(other.describe().sent);
});

test('the package as a server hears a client, and the client hears it', async () => {
  const lengths: number[] = [];
  const port = await startServer((call) => {
    call.on('data', (bytes: Buffer) => {
      lengths.push(bytes.length);
      call.write(bytes);
    });
    call.on('end', () => call.end());
  });
  const script = [CALL, message(64), heard(64), message(100_000), heard(100_000), END, told(0), CLOSE];
  const client = await runClient(port, script);
  expect(client.failure).toBeUndefined();
  expect(lengths).toEqual([64, 100_000]);
});

test('the package as a client hears an upstream, and the upstream hears it', async () => {
  const { port, done } = await startUpstream([heard(3), message(5), ENDED, status(0)]);
  const call = callOf(port);
  const data = once(call, 'data') as Promise<[Buffer]>;
  const ended = statusOf(call);
  call.write(Buffer.from('abc'));
  expect((await data)[0].length).toBe(5);
  call.end();
  expect((await ended).code).toBe(0);
  expect((await done()).failure).toBeUndefined();
});

test.each([
  ['a status before any message', [ENDED, status(5, 'nowhere')], 5],
  ['a status after a message', [ENDED, message(9), status(13, 'broken')], 13],
  ['a stream that is reset', [ENDED, cancel('refused-stream')], 14],
  ['a stream that is reset in the answer', [ENDED, message(9), cancel('internal-error')], 13],
  ['a stream that is cancelled', [ENDED, message(9), cancel('cancel')], 1],
  ['a connection that is reset', [ENDED, RESET], 14],
] as const)('%s is the same to the package and to a client', async (_what, script, code) => {
  const own = await startUpstream([...script]);
  const client = await runClient(own.port, [CALL, message(3), END, told(code)]);
  expect(client.failure).toBeUndefined();
  const { port } = await startUpstream([...script]);
  const call = callOf(port);
  call.on('data', () => undefined);
  const ended = statusOf(call);
  call.write(Buffer.from('abc'));
  call.end();
  expect((await ended).code).toBe(code);
});

function cancel(code: H2Code): Step {
  return { kind: 'cancel', code };
}

test('a deadline is told to the server of the package, which keeps it', async () => {
  const port = await startServer((call) => {
    call.on('error', () => undefined);
    call.resume();
  });
  const limited = grpc({ type: 'call', path: GRPC_PATH, timeout: 100 });
  expect((await runClient(port, [limited, message(3), told(4), CLOSE])).failure).toBeUndefined();
});

test('a call of the package that passes its deadline is cancelled at the upstream', async () => {
  const { port, done } = await startUpstream([heard(3), { kind: 'expect-h2', frame: 'cancelled' }]);
  const call = callOf(port, { deadline: Date.now() + 300 });
  call.on('data', () => undefined);
  const ended = statusOf(call);
  call.write(Buffer.from('abc'));
  expect((await ended).code).toBe(4);
  expect((await done()).failure).toBeUndefined();
});

test('a call that the client cancels is heard of by the server of the package', async () => {
  let cancelled: Promise<unknown> | undefined;
  const port = await startServer((call) => {
    cancelled = once(call, 'cancelled');
    call.on('error', () => undefined);
    call.on('data', (bytes: Buffer) => call.write(bytes));
  });
  const client = await runClient(port, [CALL, message(3), heard(3), cancel('cancel'), CLOSE]);
  expect(client.failure).toBeUndefined();
  await cancelled;
});

test('another status than the one that was expected is a failure of the step', async () => {
  const [client] = await talk([CALL, END, told(0)], [status(7)]);
  expect(client.failure?.message).toContain('expected the gRPC status 0, it is 7');
  const [other] = await talk([CALL, END, hears({ type: 'status', codes: 'failed' })], [status(0)]);
  expect(other.failure?.message).toContain('expected any gRPC status but 0, it is 0');
  const [short] = await talk([CALL, END, heard(10)], [message(9), status(0)]);
  expect(short.failure?.message).toContain('expected a gRPC message of 10 bytes, 9 bytes came');
});
