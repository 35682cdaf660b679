import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { ResultPromise } from 'execa';
import { afterEach, beforeEach, describe, expect } from 'vitest';

import { networkState, stateDifference } from '../harness/lab/network/network-state.ts';
import { lastfin, latestReport, temporaryFolder } from './command-line.ts';
import {
  allMarkedWith,
  inhabited,
  type Inhabited,
  MARK,
  marked,
  markedWith,
  namespacesOf,
  stillThere,
  until,
} from '../bench/marked-processes.ts';
import { labTest as test } from './namespaces.ts';

let folder: string;
let done: () => Promise<void>;
let before: string;

/** State of the machine that a run must leave unchanged, beyond its own processes and namespaces. */
async function machine(): Promise<string> {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const shared = (await readdir('/dev/shm')).filter((name) => name.startsWith('lf-'));
  return [await networkState(), mounts, ...shared].join('\n');
}

beforeEach(async () => {
  ({ folder, done } = await temporaryFolder());
  before = await machine();
  await mkdir(path.join(folder, 'tmp'));
});

afterEach(() => done());

/** Quick ones, and one that takes seconds: on cables, and with links, so that everything there is is there. */
const SCENARIOS = {
  'a-quick':
    'about: quick\nlab: hosts\nclient: [open, { send: 64 }, { expect: 64 }, close]\nupstream: [{ expect: 64 }, { send: 64 }, { expect: end }, close]\n',
  'b-slow': `about: slow
lab: hosts
connections: 5
deadline: 20s
settings: { inactivityTimeout: 8s }
client: [open, { expect: end }, close]
upstream: [{ expect: end }, close]
faults: [{ fault: toxic, type: latency, side: upstream, direction: to-client, attributes: { latency: 1 } }]
`,
  'c-quick': 'about: quick\nclient: [open, close]\nupstream: [{ expect: end }, close]\n',
};

let mark: string;

async function start(...options: string[]): Promise<{ run: ResultPromise }> {
  mark = `lab-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const root = path.join(folder, 'scenarios');
  await mkdir(path.join(root, 'targets'), { recursive: true });
  for (const [name, text] of Object.entries(SCENARIOS))
    await writeFile(path.join(root, `${name}.yaml`), text);
  await writeFile(
    path.join(root, 'targets', 'proxy.yaml'),
    readFileSync('scenarios/targets/proxy.yaml', 'utf8'),
  );
  const own = { [MARK]: mark, TMPDIR: path.join(folder, 'tmp') };
  const select = ['run', '--root', root, '--out', path.join(folder, 'out'), '--jobs', '1'];
  // a group of its own, as a shell gives it one
  return { run: lastfin([...select, ...options], { env: own, detached: true, stdin: 'pipe' }) };
}

/** Everything of the slow case is up: the namespaces, the Toxiproxy, the target. */
async function underWay(): Promise<Inhabited> {
  await markedWith(mark, 'toxiproxy/main.js');
  await markedWith(mark, '--inactivity-timeout 8s');
  return inhabited(mark);
}

async function nothingLeft(own?: Inhabited): Promise<void> {
  await until('all processes to end', () => marked(mark).length === 0);
  if (own) await until('all namespaces to end', () => stillThere(own).length === 0);
  expect(stateDifference(before, await machine())).toBe('');
  expect(await readdir(path.join(folder, 'tmp'))).toEqual([]);
}

describe.each(['auto', 'none'])('--lab %s', (lab) => {
  test('a run leaves the machine as it was', async () => {
    const { run } = await start('--lab', lab, '--case', 'c-quick');
    const { exitCode, all } = await run;
    expect(exitCode, String(all)).toBe(0);
    const report = await latestReport(path.join(folder, 'out'));
    expect(report.lab).toEqual({ mode: lab });
    await nothingLeft();
  });
});

describe('on cables', () => {
  test('the target is alone on its host, in namespaces of the run', async () => {
    const { run } = await start();
    const own = await underWay();
    const inside = namespacesOf([await markedWith(mark, '--inactivity-timeout 8s')]);
    // the worker's, the one around it that asks for a small table of sockets, and its own
    expect([...own.namespaces].filter((name) => name.startsWith('net:')).length).toBe(3);
    expect([...inside].every((name) => own.namespaces.has(name))).toBe(true);
    run.kill('SIGKILL');
    await run;
    await nothingLeft(own);
  });
});

describe('whatever kills it', () => {
  test('Ctrl-C in the terminal reaches the harness alone, which takes all down in order', async () => {
    const { run } = await start();
    const own = await underWay();
    process.kill(-(run.pid ?? 0), 'SIGINT');
    const { exitCode, all } = await run;
    expect(exitCode, String(all)).toBe(130);
    const report = await latestReport(path.join(folder, 'out'));
    expect(report.interrupted).toBe(true);
    expect(report.results.map(({ id, verdict }) => [id, verdict])).toEqual([['a-quick', 'passed']]);
    await nothingLeft(own);
  });

  test('Ctrl-C twice ends it at once', async () => {
    const { run } = await start();
    const own = await underWay();
    run.kill('SIGINT');
    run.kill('SIGTERM');
    const { exitCode } = await run;
    expect(exitCode).toBe(130);
    await nothingLeft(own);
  });

  test.each([
    ['the harness', 'cli/main.js'],
    ['unshare', 'unshare --user'],
    ['the worker', 'worker-main.js'],
  ])('SIGKILL of %s', async (who, words) => {
    const { run } = await start();
    const own = await underWay();
    const pid = await victim(words);
    process.kill(pid, 'SIGKILL');
    const { exitCode, all } = await run;
    if (who !== 'the harness') {
      expect(exitCode, String(all)).toBe(3);
      const { results } = await latestReport(path.join(folder, 'out'));
      expect(results.map(({ id, verdict }) => [id, verdict])).toEqual([
        ['a-quick', 'passed'],
        ['b-slow', 'error'],
        ['c-quick', 'passed'],
      ]);
      expect(results[1]?.reason).toContain('a worker ended with');
    }
    await nothingLeft(own);
  });

  test('an error in the harness itself', async () => {
    const { run } = await start();
    const own = await underWay();
    // the next journal cannot be written
    const runs = path.join(folder, 'out', 'runs');
    const [name = ''] = await readdir(runs);
    await rm(path.join(runs, name, 'journal'), { recursive: true });
    await writeFile(path.join(runs, name, 'journal'), 'in the way');
    const { exitCode, all } = await run;
    expect(exitCode).toBe(3);
    expect(all).toContain('EEXIST');
    await nothingLeft(own);
  });

  test('SIGKILL of the harness without a namespace', async () => {
    const { run } = await start('--lab', 'none');
    await markedWith(mark, 'worker-main.js');
    run.kill('SIGKILL');
    await run;
    await nothingLeft();
  });
});

/** The process itself, not those that have its command in theirs; waits until there is one. */
async function victim(words: string): Promise<number> {
  if (words !== 'worker-main.js') return markedWith(mark, words);
  const ofWorker = await allMarkedWith(
    mark,
    words,
    (command) => command.startsWith(`${process.execPath} `) && command.endsWith(words),
  );
  expect(ofWorker).toHaveLength(1);
  return ofWorker[0] ?? 0;
}
