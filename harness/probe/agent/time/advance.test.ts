import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fixturePath, NODE } from '../../fixtures/start-fixture.ts';
import { openProbe, type Probe } from '../../host/probe.ts';

const HOUR = 3_600_000;
const PATIENCE = 20_000;

type Program = {
  probe: Probe;
  idlePort: number;
  webPort: number;
  read: () => Promise<{ log: string[]; at: number | string }>;
};

/** Runs `work` on the program full of clocks. */
async function withHours(work: (program: Program) => Promise<void>): Promise<void> {
  const probe = await openProbe({ clocks: true });
  const child = spawn(NODE, [...probe.importArgs, fixturePath('hours.mjs')], {
    env: { ...process.env, ...probe.env, NODE_V8_COVERAGE: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await probe.connected();
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    const [port = 0, idlePort = 0, webPort = 0] = first.toString().trim().split(' ').map(Number);
    const read: Program['read'] = async () =>
      JSON.parse(await text(net.connect(port, '127.0.0.1'))) as { log: string[]; at: number };
    await work({ probe, idlePort, webPort, read });
  } finally {
    await probe.close();
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

test('four hours pass: every timer in order, at the time that every clock says', async () => {
  const begun = performance.now();
  await withHours(async ({ probe, read }) => {
    const advanced = await probe.advance(4 * HOUR, PATIENCE);
    expect(advanced).toMatchObject({ done: true, left: 0 });
    expect(advanced.steps).toBeGreaterThan(180);
    const { log, at } = await read();
    const real = (performance.now() - begun) / 1000;
    expect(log).toEqual([
      'context kept 900',
      'again 1260',
      'again 2520',
      'outer 3590',
      'beat 60 3600',
      'every 3603',
      'promise value 3605',
      'abort TimeoutError 3610',
      'nested in a tick 3620',
      'nested in a promise 3635',
      'nested 3650',
      'again 3780',
      'postponed 5400',
      'beat 120 7200',
      'every 7206',
      'beat 180 10800',
      ...log.filter((line) => line.startsWith('soon after')),
    ]);
    // real time also passed before and after the advance
    expect(at).toBeGreaterThanOrEqual(14_400);
    expect(at).toBeLessThanOrEqual(14_400 + Math.ceil(real));
    // the rest of a timer passes in real time
    for (let waited = 0; !(await read()).log.includes('soon after 14400') && waited < 2000; waited += 10) {
      await pause(10);
    }
    expect((await read()).log).toContain('soon after 14400');
    await probe.advance(HOUR, PATIENCE);
    expect((await read()).log.at(-1)).toBe('far true 18000');
  });
});

test('time that passes in pieces is time', async () => {
  await withHours(async ({ probe, read }) => {
    for (let i = 0; i < 16; i++) await probe.advance(HOUR / 4, PATIENCE);
    const { log } = await read();
    expect(log.filter((line) => /^(outer|nested|postponed|again|beat)/.test(line))).toEqual([
      'again 1260',
      'again 2520',
      'outer 3590',
      'beat 60 3600',
      'nested in a tick 3620',
      'nested in a promise 3635',
      'nested 3650',
      'again 3780',
      'postponed 5400',
      'beat 120 7200',
      'beat 180 10800',
    ]);
  });
});

test('sockets stay real: a peer that answers an end in time is never destroyed', async () => {
  await withHours(async ({ probe, idlePort, webPort, read }) => {
    const idle = net.connect(idlePort, '127.0.0.1');
    const agent = new http.Agent({ keepAlive: true });
    const request = http.get({ port: webPort, host: '127.0.0.1', agent });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(await text(response)).toBe('hello');
    const heard = text(idle);
    const advanced = await probe.advance(4 * HOUR, PATIENCE);
    expect(advanced.done).toBe(true);
    expect(await heard).toBe('too long');
    const { log } = await read();
    expect(log).toContain('idle 7200');
    expect(log.filter((line) => /^(grace|never|clocks)/.test(line))).toEqual([]);
    expect(log.find((line) => line.startsWith('keep-alive over'))).toMatch(/ 36(20|21)$/);
    expect(advanced.notShifted).toContainEqual(
      expect.stringMatching(/^headersTimeout and requestTimeout of Server on port \d+ \(a native clock\)$/),
    );
    agent.destroy();
  });
});

/** Runs `work` on a program whose clocks were left alone at its start, once it has printed something. */
async function withOwnClocks(program: string[], work: (probe: Probe) => Promise<void>): Promise<void> {
  const probe = await openProbe();
  const child = spawn(NODE, [...probe.importArgs, ...program], {
    env: { ...process.env, ...probe.env, NODE_V8_COVERAGE: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const printed = once(child.stdout, 'data');
    await probe.connected();
    // its own clocks are set by then
    await printed;
    await work(probe);
  } finally {
    await probe.close();
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

test('a program whose clocks were left alone says so', async () => {
  await withOwnClocks([fixturePath('hours.mjs')], async (probe) => {
    await expect(probe.advance(1, PATIENCE)).rejects.toThrow(/before the program started/);
  });
});

test('clocks may be replaced late', async () => {
  await withOwnClocks([fixturePath('hours.mjs')], async (probe) => {
    const { done, fired } = await probe.advance(2 * HOUR, PATIENCE, { late: true });
    expect(done).toBe(true);
    expect(fired).toBeGreaterThan(100);
  });
});

test('a late advance that takes too long is given up, and the next one is its own', async () => {
  await withOwnClocks(['--eval', 'setInterval(() => {}, 1); console.log()'], async (probe) => {
    expect(await probe.advance(1000 * HOUR, 1, { late: true })).toMatchObject({ done: false });
    expect(await probe.advance(20, PATIENCE, { late: true })).toMatchObject({ done: true, left: 0 });
  });
});
