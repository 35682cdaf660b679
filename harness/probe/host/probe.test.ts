import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { NODE, startFixture } from '../fixtures/start-fixture.ts';
import { lookAt } from '../outside/os-look.ts';
import { starvedFor } from '../../../shared/starvation.ts';
import { openProbe } from './probe.ts';
import { PROBE_SOCKET_ENV, type Starting } from '../protocol.ts';

test('says hello quickly, samples, and leaves nothing behind', async () => {
  const { probe, child, stop } = await startFixture('leaky-server.mjs', ['interval', 'leaky']);
  const address = probe.env[PROBE_SOCKET_ENV] ?? '';
  const hello = await probe.connected();
  expect(hello.pid).toBe(child.pid);
  // the target was alone with its start, apart from what the machine kept from it
  expect(hello.startedIn - starvedFor(hello.pid)).toBeLessThan(500);
  const sample = await probe.sample();
  expect(sample.gauges).toEqual({ incoming: 0, outgoing: 0, echoing: 0 });
  expect(sample.resources['TCPServerWrap']).toBe(3);
  const outside = lookAt(hello.pid, { wholeSession: false });
  const own = 1;
  const fds = Object.values(sample.fds).reduce((sum, count) => sum + count, 0);
  expect(outside.descriptors).toHaveLength(fds + own);
  expect(sample.heapUsed).toBeGreaterThan(1e6);
  await stop();
  expect(existsSync(path.dirname(address))).toBe(false);
});

test('the program does not notice: variable gone, names and lengths kept, exits by itself', async () => {
  const source = `
    import fs, { open, openSync } from 'node:fs'; import net from 'node:net';
    import { setTimeout as delay } from 'node:timers/promises';
    console.log(JSON.stringify([process.env.${PROBE_SOCKET_ENV} ?? null, open.name, open.length, openSync.name, openSync.length,
      fs.promises.open.name, fs.promises.open.length, fs.close.name, fs.close.length, net.Socket.prototype.connect.name,
      net.Socket.prototype.connect.length, delay.name, delay.length, AbortSignal.timeout.name, AbortSignal.timeout.length, net.Server.prototype.listen.name, net.Server.prototype.listen.length,
      Object.keys(globalThis).length, process.eventNames().length]))`;
  const run = async (probed: boolean): Promise<string> => {
    const probe = await openProbe();
    const args = [...(probed ? probe.importArgs : []), '--input-type=module', '-e', source];
    const child = spawn(NODE, args, {
      env: { ...process.env, ...(probed ? probe.env : {}) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [[output], [code]] = (await Promise.all([once(child.stdout, 'data'), once(child, 'exit')])) as [
      [Buffer],
      [number],
    ];
    expect(code).toBe(0);
    await probe.close();
    return output.toString();
  };
  expect(await run(true)).toBe(await run(false));
});

test('pending and later calls reject when the target dies', async () => {
  const { probe, child, stop } = await startFixture('leaky-server.mjs', ['interval', 'leaky']);
  try {
    const exit = once(child, 'exit');
    const asked = probe.report();
    child.kill('SIGKILL');
    await expect(asked).rejects.toMatchObject({ code: 'LASTFIN_PROBE' });
    await exit;
    await expect(probe.sample()).rejects.toMatchObject({ code: 'LASTFIN_PROBE' });
    expect(probe.isConnected).toBe(false);
  } finally {
    await stop();
  }
});

test('a target that never says hello, or does not answer, is an error in time', async () => {
  const probe = await openProbe({ helloWithin: 20, answerWithin: 20 });
  await expect(probe.sample()).rejects.toMatchObject({ code: 'LASTFIN_PROBE' });
  await expect(probe.connected()).rejects.toMatchObject({ code: 'LASTFIN_PROBE' });
  const mute = net.connect(probe.env[PROBE_SOCKET_ENV] ?? '');
  mute.resume();
  mute.write(`${JSON.stringify({ hello: 1, pid: 1, node: 'v0', startedIn: 0 })}\n`);
  await probe.connected();
  await expect(probe.sample()).rejects.toMatchObject({ code: 'LASTFIN_PROBE' });
  await Promise.all([once(mute, 'close'), probe.close()]);
  await probe.close();
  expect(existsSync(path.dirname(probe.env[PROBE_SOCKET_ENV] ?? ''))).toBe(false);
});

test('one that greets while the others are asked what they have started is asked whether it loads', async () => {
  const probe = await openProbe();
  const peers: net.Socket[] = [];
  /** Greets as a process with this id, and answers each request. */
  const greet = async (pid: number, answer: () => Promise<Starting>): Promise<void> => {
    const peer = net.connect(probe.env[PROBE_SOCKET_ENV] ?? '');
    peers.push(peer);
    peer.write(`${JSON.stringify({ hello: 1, pid, node: 'v0', startedIn: 0 })}\n`);
    for await (const line of createInterface({ input: peer })) {
      const { id } = JSON.parse(line) as { id: number };
      peer.write(`${JSON.stringify({ id, ok: await answer() })}\n`);
    }
  };
  const { pid: target, ppid: child } = process;
  const reads = [true, true, false];
  const greeted: Promise<void>[] = [];
  greeted.push(
    greet(target, async () => {
      if (greeted.length === 1) {
        greeted.push(greet(child, async () => ({ reads: reads.shift() ?? false, started: [] })));
        while (!probe.pids.includes(child)) await turn();
      }
      return { reads: false, started: [{ pid: child, thread: 0, greets: true }] };
    }),
  );
  await probe.connected();
  await probe.allUp();
  expect(reads).toEqual([]);
  await probe.close();
  for (const peer of peers) peer.destroy();
  await Promise.all(greeted);
});

test('a report before any baseline is refused', async () => {
  const { probe, stop } = await startFixture('leaky-server.mjs', ['interval', 'leaky']);
  await expect(probe.report()).rejects.toThrow(/baseline/);
  await stop();
});

test('alive names what holds the process, and why-is-node-running agrees when preloaded', async () => {
  const { probe, visit, stop } = await startFixture('leaky-server.mjs', ['interval', 'leaky'], { why: true });
  try {
    await visit(1);
    const { alive, why } = await probe.alive();
    expect(alive.map(({ what }) => what)).toContain('timer: interval of 100000 ms');
    expect(alive.filter(({ what }) => what.startsWith('server: Server listening on port'))).toHaveLength(3);
    for (const { where } of alive) expect(where[0]?.file).toMatch(/leaky-server\.mjs$/);
    expect(why).toContain('leaky-server.mjs');
  } finally {
    await stop();
  }
});
