import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConnectionManager } from './connection-manager.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { openClient, startUpstream, within } from '../testing/peers.ts';
import type { Peer, TestUpstream } from '../testing/peers.ts';

/** Payload larger than the kernel's buffers, written at once: part of it stays in flight until the peer reads. */
const BIG = Buffer.alloc(20_000_000);

const QUIET = { onEnding: () => {}, onEnd: () => {}, onEmpty: () => {} };

let upstream: TestUpstream;
const server = createServer({ allowHalfOpen: true });

beforeEach(async () => {
  upstream = await startUpstream({ answer: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  await upstream.stop();
  server.close();
  await once(server, 'close');
});

/** Connects a client that does not read; gives it and the accepted socket. */
async function acceptSlowClient(): Promise<{ client: Peer; accepted: Socket }> {
  const connection = once(server, 'connection');
  const client = await openClient((server.address() as AddressInfo).port, { paused: true });
  const [accepted] = (await connection) as [Socket];
  return { client, accepted };
}

/** Waits for 'close'; unlike events.once it does not reject on an error. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}

test('both FINs have come but bytes are still to be taken: not over, and no grace runs', async () => {
  const clock = createManualClock();
  const lines: Record<string, unknown>[] = [];
  const write = (fields: Record<string, unknown>): void => void lines.push(fields);
  let emptied = (): void => {};
  const empty = new Promise<void>((resolve) => {
    emptied = resolve;
  });
  const manager = new ConnectionManager(clock, { info: write, warn: write, error: write }, 1000, {
    onEnding: () => {},
    onEnd: () => {},
    onEmpty: () => emptied(),
  });
  const { client, accepted } = await acceptSlowClient();
  const record = manager.add(accepted);
  const outgoing = connect({ port: upstream.port, host: '127.0.0.1', allowHalfOpen: true });
  manager.addOutgoing(record, outgoing);
  accepted.resume().end(BIG);
  client.socket.end();
  await within("the client's FIN", once(accepted, 'end'));
  outgoing.resume().end();
  await within('the close of the outgoing side', once(outgoing, 'close'));
  clock.advance(60_000);
  expect(manager.connectionCount).toBe(1);
  client.socket.resume();
  expect((await within('all bytes', client.ended)).length).toBe(BIG.length);
  await within('the end', empty);
  expect(lines).toMatchObject([{ incoming: 'normal', outgoing: 'closed_incoming', bytesOut: BIG.length }]);
  expect(clock.pending()).toBe(0);
});

test('a write in flight when the peer resets is not counted as written', async () => {
  const lines: Record<string, unknown>[] = [];
  const write = (fields: Record<string, unknown>): void => void lines.push(fields);
  const logger = { info: write, warn: write, error: write };
  const manager = new ConnectionManager(createManualClock(), logger, 1000, QUIET);
  const { client, accepted } = await acceptSlowClient();
  manager.add(accepted);
  accepted.resume().write(BIG);
  client.socket.resetAndDestroy();
  await within('close', closeOf(accepted));
  // the count must be frozen before the close: afterwards Node claims that all of it was written
  expect(accepted.bytesWritten - accepted.writableLength).toBe(BIG.length);
  expect(lines).toMatchObject([{ incoming: 'econnreset', bytesOut: 0 }]);
});

test('the first cause fixes both reasons', async () => {
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  const manager = new ConnectionManager(createManualClock(), silent, 1000, QUIET);
  const { client, accepted } = await acceptSlowClient();
  const record = manager.add(accepted);
  manager.initiateCleanupOnce(record, 'incoming', 'inactivity');
  manager.initiateCleanupOnce(record, 'both', 'shutdown');
  client.socket.resetAndDestroy();
  await within('close', closeOf(accepted));
  expect(manager.statistics()).toEqual({
    accepted: 1,
    active: 0,
    outgoingCreated: 0,
    activeOutgoing: 0,
    terminations: { incoming: { inactivity: 1 }, outgoing: {} },
  });
});
