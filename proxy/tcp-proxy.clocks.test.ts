import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProxySettings } from './settings.ts';
import { createManualClock } from './testing/manual-clock.ts';
import type { ManualClock } from './testing/manual-clock.ts';
import { openClient, received, startUpstream } from './testing/peers.ts';
import type { Peer, TestUpstream } from './testing/peers.ts';
import { startProxy } from './testing/proxy-under-test.ts';
import type { ProxyUnderTest } from './testing/proxy-under-test.ts';

let upstream: TestUpstream;
let clock: ManualClock;
let target: ProxyUnderTest | undefined;

beforeEach(async () => {
  upstream = await startUpstream();
  clock = createManualClock();
});

afterEach(async () => {
  await target?.finish();
  expect(clock.pending()).toBe(0);
  await upstream.stop();
});

async function establish(
  settings: Partial<ProxySettings>,
): Promise<{ target: ProxyUnderTest; client: Peer; server: Peer }> {
  target = await startProxy(upstream.port, settings, { clock });
  const client = await openClient(target.port);
  return { target, client, server: await upstream.next() };
}

async function ping({ client, server }: { client: Peer; server: Peer }): Promise<void> {
  const before = server.socket.bytesRead;
  client.socket.write('ping');
  await received(server, before + 4);
}

/** Ends a connection on both sides, so that no grace is needed. */
async function letGo({ client, server }: { client: Peer; server: Peer }): Promise<void> {
  await Promise.all([client.ended, server.ended]);
  client.socket.end();
  server.socket.end();
}

test('no byte from either side', async () => {
  const run = await establish({ initialTimeout: 1000 });
  clock.advance(999);
  expect(run.target.proxy.connectionCount()).toBe(1);
  clock.advance(1);
  await letGo(run);
  const [end] = await run.target.ends(1);
  expect(end).toMatchObject({ incoming: 'initial_timeout', outgoing: 'initial_timeout', durationMs: 1000 });
});

test('one byte, from either side, is enough for the initial timeout', async () => {
  const run = await establish({ initialTimeout: 1000 });
  run.server.socket.write('x');
  await received(run.client, 1);
  clock.advance(1001);
  run.client.socket.end();
  run.server.socket.end();
  expect((await run.target.ends(1))[0]!.incoming).not.toBe('initial_timeout');
});

test('a busy connection does not outlive its lifetime', async () => {
  const run = await establish({ maxLifetime: 5000 });
  await ping(run);
  clock.advance(5000);
  await letGo(run);
  const [end] = await run.target.ends(1);
  expect(end).toMatchObject({ incoming: 'max_lifetime', outgoing: 'max_lifetime' });
});

test('inactivity closes after the limit and within two sweep periods; activity defers it', async () => {
  const run = await establish({ inactivityTimeout: 8000 });
  for (let round = 0; round < 5; round += 1) {
    await ping(run);
    clock.advance(7999);
  }
  await ping(run);
  clock.advance(7999);
  expect(run.target.proxy.connectionCount()).toBe(1);
  clock.advance(2001);
  await letGo(run);
  const [end] = await run.target.ends(1);
  expect(end).toMatchObject({ incoming: 'inactivity', outgoing: 'inactivity' });
});

test('half-open: a live download goes on, a silent one is closed', async () => {
  const run = await establish({ halfOpenTimeout: 800 });
  await ping(run);
  clock.advance(60_000);
  run.client.socket.end();
  await run.server.ended;
  for (let sent = 1; sent <= 5; sent += 1) {
    run.server.socket.write('x');
    await received(run.client, sent);
    clock.advance(700);
  }
  expect(run.target.proxy.connectionCount()).toBe(1);
  clock.advance(400);
  await letGo(run);
  const [end] = await run.target.ends(1);
  expect(end).toMatchObject({ incoming: 'half_open_timeout', outgoing: 'half_open_timeout', bytesOut: 5 });
});

test('a peer that ignores the FIN is destroyed after the grace', async () => {
  const run = await establish({ maxLifetime: 100, grace: 1000 });
  clock.advance(100);
  await Promise.all([run.client.ended, run.server.ended]);
  expect(run.target.proxy.connectionCount()).toBe(1);
  clock.advance(1000);
  await run.target.ends(1);
});

test('a connect without an answer', async () => {
  // a full backlog drops SYNs: the connect stays pending, and that needs no privilege
  const { port, release } = await blackHole();
  target = await startProxy(port, { connectTimeout: 2000 }, { clock });
  const client = await openClient(target.port);
  client.socket.write('early');
  clock.advance(1999);
  expect(target.proxy.connectionCount()).toBe(1);
  clock.advance(1);
  await client.ended;
  client.socket.end();
  const [end] = await target.ends(1);
  expect(end).toMatchObject({ incoming: 'etimedout', outgoing: 'etimedout', upstreamBytesOut: 0 });

  const resetting = await openClient(target.port);
  resetting.socket.resetAndDestroy();
  expect((await target.ends(2))[1]).toMatchObject({ incoming: 'econnreset', outgoing: 'closed_incoming' });
  await release();
});

/** Listens without accepting, its backlog filled, as a stopped process would. */
async function blackHole(): Promise<{ port: number; release: () => Promise<void> }> {
  const { spawn } = await import('node:child_process');
  const script =
    "const s=require('net').createServer();s.listen({port:0,host:'127.0.0.1',backlog:1},()=>{require('fs').writeSync(1,String(s.address().port));Atomics.wait(new Int32Array(new SharedArrayBuffer(4)),0,0)})";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(String(text));
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  // a backlog of 1 takes two connections; the rest stay in SYN-SENT
  await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, 'connect')));
  return {
    port,
    release: async () => {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

test('an idle keep-alive connection: one warning, then the grace, then inactivity on both sides', async () => {
  const run = await establish({
    inactivityTimeout: 1000,
    keepAlive: 'extended',
    keepAliveMultiplier: 6,
    keepAliveGrace: 2000,
  });
  const warnings = (): number =>
    run.target.lines.filter(({ event }) => event === 'inactivity_warning').length;
  clock.advance(5999);
  expect(warnings()).toBe(0);
  clock.advance(1000);
  expect(warnings()).toBe(1);
  await ping(run);
  clock.advance(5999);
  expect([warnings(), run.target.proxy.connectionCount()]).toEqual([1, 1]);
  clock.advance(1000);
  expect(warnings()).toBe(2);
  clock.advance(1250);
  expect([warnings(), run.target.proxy.connectionCount()]).toEqual([2, 1]);
  clock.advance(1000);
  await letGo(run);
  expect(await run.target.ends(1)).toMatchObject([{ incoming: 'inactivity', outgoing: 'inactivity' }]);
  expect(warnings()).toBe(2);
});

test('an immortal connection outlives every idle limit, but not its lifetime', async () => {
  const run = await establish({ inactivityTimeout: 1000, keepAlive: 'immortal', maxLifetime: 3_600_000 });
  await ping(run);
  clock.advance(3_599_999);
  expect(run.target.proxy.connectionCount()).toBe(1);
  clock.advance(1);
  await letGo(run);
  expect(await run.target.ends(1)).toMatchObject([{ incoming: 'max_lifetime' }]);
});
