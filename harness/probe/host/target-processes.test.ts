import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { fixturePath, markedLine, NODE, startFixture, type Fixture } from '../fixtures/start-fixture.ts';
import { folderOfTest } from '../../../shared/testing/folders.ts';
import { openProbe, type Probe } from './probe.ts';
import { PROBE_SOCKET_ENV } from '../protocol.ts';

const PROGRAM = 'cluster-proxy.mjs';
const TIMES = 8;
/** The programs grow by an entry a millisecond, once they run. */
const WAIT = { timeout: 10_000, interval: 20 };

describe.each(['processes', 'thread'])('%s', (kind) => {
  const inWords = kind === 'thread' ? /; in worker thread 1 of process \d+/ : /; in child process \d+/;

  test('a leak in the workers is found, summed, with its line and where it is', async () => {
    const fixture = await startFixture(PROGRAM, [kind, 'leaky']);
    try {
      await round(fixture);
      await fixture.probe.baseline();
      await round(fixture);
      const { suspects } = await fixture.probe.report();
      const timers = suspects.filter(({ resource }) => resource === 'timer');
      expect(timers, JSON.stringify(suspects, null, 2)).toMatchObject([
        { count: TIMES, where: [{ line: markedLine(PROGRAM, 'timer') }] },
      ]);
      expect(timers[0]?.sample).toMatch(inWords);
      const maps = suspects.filter(({ resource }) => resource === 'collection');
      expect(maps).toMatchObject([{ count: TIMES, path: 'seen' }]);
      await fixture.probe.arm();
      await round(fixture);
      const explained = await fixture.probe.explain();
      expect(explained[maps[0]?.fingerprint ?? '']?.[0]?.line).toBe(markedLine(PROGRAM, 'entry'));
      expect(suspects).toHaveLength(2);
    } finally {
      await fixture.stop();
    }
  });

  test('mended, is not', async () => {
    const fixture = await startFixture(PROGRAM, [kind, 'mended']);
    try {
      for (let i = 0; i < 2; i++) await round(fixture);
      const before = await fixture.probe.sample();
      await fixture.probe.baseline();
      for (let i = 0; i < 3; i++) {
        await round(fixture);
        expect((await fixture.probe.report()).suspects).toEqual([]);
      }
      expect((await fixture.probe.sample()).fds).toEqual(before.fds);
    } finally {
      await fixture.stop();
    }
  });
});

test('a baseline waits for the threads and Node programs that are still starting', async () => {
  const probe = await openProbe();
  const grows = 'globalThis.grown = new Map(); setInterval(() => grown.set({}, 1), 1);';
  const source = `
    const { spawn } = require('node:child_process');
    const { Worker } = require('node:worker_threads');
    spawn(process.execPath, ['-e', '${grows}'], { stdio: 'ignore' });
    new Worker(new URL('data:text/javascript,${grows}'));
    new Worker('setInterval(() => {}, 1000)', { eval: true });
    console.log('all started');`;
  const child = spawn(NODE, [...probe.importArgs, '-e', source], {
    env: { ...process.env, ...probe.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    await probe.baseline();
    expect(probe.blind).toEqual([
      expect.stringMatching(
        /^worker thread 2 of process \d+: no probe is preloaded into a thread whose source/,
      ),
    ]);
    await vi.waitFor(async () => {
      const grown = (await grownCollections(probe)).map(
        (sample) => /in (child process|worker thread)/.exec(sample)?.[1],
      );
      expect(new Set(grown)).toEqual(new Set(['child process', 'worker thread']));
    }, WAIT);
  } finally {
    child.kill('SIGKILL');
    await probe.close();
  }
});

test('a baseline waits for a thread that is still loading its program', async () => {
  const folder = folderOfTest();
  // a reader of the pipe waits for a writer
  const file = path.join(folder, 'late.mjs');
  await promisify(execFile)('mkfifo', [file]);
  const probe = await openProbe();
  const source = `new (require('node:worker_threads').Worker)(${JSON.stringify(file)});`;
  const child = spawn(NODE, [...probe.importArgs, '-e', source], {
    env: { ...process.env, ...probe.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await probe.connected();
    const written = await open(file, 'w');
    let isTaken = false;
    const taken = probe.baseline().then(() => (isTaken = true));
    // long enough for a baseline that does not wait; from Node 22 on the thread answers nothing while it reads
    await Promise.race([taken, pause(1000)]);
    expect(isTaken).toBe(false);
    await written.writeFile('const grown = new Map(); setInterval(() => grown.set({}, 1), 1);');
    await written.close();
    await taken;
    await vi.waitFor(async () => {
      expect(await grownCollections(probe)).toEqual([expect.stringMatching(/in worker thread/)]);
    }, WAIT);
  } finally {
    child.kill('SIGKILL');
    await probe.close();
  }
});

test('a child that comes up while the others look for their baseline has one of its own before it is judged', async () => {
  const probe = await openProbe();
  const source = `
    const { spawn } = require('node:child_process');
    spawn('sh', ['-c', 'exec "$0" -e "setInterval(() => {}, 1000)"', process.execPath], { stdio: 'ignore' });`;
  const child = spawn(NODE, [...probe.importArgs, '-e', source], {
    env: { ...process.env, ...probe.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await probe.connected();
    let baselines = 0;
    // nobody knows that the shell becomes a Node program; repeated, so that it comes up during one of the baselines
    for (; probe.pids.length < 2 && baselines < 100; baselines++) await probe.baseline();
    expect(baselines).toBeLessThan(100);
    for (let i = 0; i < 2; i++) expect((await probe.report()).suspects).toEqual([]);
  } finally {
    child.kill('SIGKILL');
    await probe.close();
  }
});

test('what keeps an orphan alive is told when the target itself has exited', async () => {
  const probe = await openProbe();
  const orphan = 'setInterval(() => {}, 1000);';
  const source = `
    const { spawn } = require('node:child_process');
    spawn(process.execPath, ['-e', ${JSON.stringify(orphan)}], { stdio: 'ignore', detached: true, env: {} }).unref();
    process.stdin.resume();`;
  const child = spawn(NODE, [...probe.importArgs, '-e', source], {
    env: { ...process.env, ...probe.env },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  try {
    await probe.connected();
    for (let waited = 0; probe.pids.length < 2 && waited < 10_000; waited += 5) await pause(5);
    child.stdin.end();
    await once(child, 'exit');
    let { alive } = await probe.alive();
    // it may not have set its timer yet
    for (let waited = 0; alive.length === 0 && waited < 10_000; waited += 5) {
      await pause(5);
      ({ alive } = await probe.alive());
    }
    expect(alive.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^in child process \d+: timer: interval of 1000 ms$/),
    ]);
    await expect(probe.sample()).rejects.toMatchObject({ code: 'LASTFIN_PROBE' });
    const [pid = 0] = probe.pids;
    await probe.close();
    // ends with the probe, although nobody told it to
    for (let waited = 0; isAlive(pid) && waited < 10_000; waited += 5) await pause(5);
    expect(isAlive(pid)).toBe(false);
  } finally {
    child.kill('SIGKILL');
    await probe.close();
  }
});

test('children find nothing of the probe in their environment', async () => {
  const probe = await openProbe();
  const child = spawn(NODE, [...probe.importArgs, fixturePath('print-child-environment.mjs')], {
    env: { ...process.env, ...probe.env, NODE_OPTIONS: '--no-deprecation' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [output] = (await once(child.stdout, 'data')) as [Buffer];
    const seen = JSON.parse(output.toString()) as Record<string, string | undefined>;
    expect(seen[PROBE_SOCKET_ENV]).toBeUndefined();
    expect(seen['NODE_OPTIONS']).toMatch(/^--no-deprecation --import=/);
    expect(seen['ONLY']).toBe('mine');
  } finally {
    child.kill('SIGKILL');
    await probe.close();
  }
});

/** Collections that have grown since the baseline. */
async function grownCollections(probe: Probe): Promise<string[]> {
  const { suspects } = await probe.report({ placeholders: true });
  return suspects.filter(({ resource }) => resource === 'collection').map(({ sample }) => sample);
}

async function round({ probe, visit }: Fixture): Promise<void> {
  await visit(TIMES);
  for (let wait = 1; (await probe.sample()).gauges['incoming'] !== 0; wait = Math.min(wait * 2, 50)) {
    await pause(wait);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
