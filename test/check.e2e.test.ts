import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { lastfin } from './command-line.ts';

const PROGRAM = path.resolve('test/programs/servers/watched.mjs');
const children: ChildProcess[] = [];
const servers: net.Server[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});

/** A port that is free for now. */
async function freePort(): Promise<number> {
  const server = await holder();
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function holder(): Promise<net.Server> {
  const server = net.createServer().listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return server;
}

type Running = { pid: number; address: string; inspectPort: number; said: () => string };

async function running(...flags: string[]): Promise<Running> {
  const inspectPort = await freePort();
  const given = flags.length === 0 ? [`--inspect-port=${inspectPort}`] : flags;
  const child = spawn(process.execPath, [...given, PROGRAM], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const address = `http://127.0.0.1:${String(first).trim()}`;
  return { pid: child.pid ?? 0, address, inspectPort, said: () => text };
}

/** Command that makes one request. */
const request = (address: string, what: string): string =>
  `${process.execPath} -e "fetch('${address}/${what}').then((r) => r.text())"`;

/** Waits until a command has said this on stderr; fails if it ends before. */
async function says(command: ReturnType<typeof lastfin>, what: string): Promise<void> {
  let text = '';
  const said = new Promise<void>((resolve) => {
    command.stderr?.on('data', (part: Buffer) => {
      text += String(part);
      if (text.includes(what)) resolve();
    });
  });
  const ended = command.then(({ exitCode }) => {
    if (!text.includes(what)) throw new Error(`exit code ${exitCode} without "${what}": ${text}`);
  });
  await Promise.race([said, ended]);
}

function isOpen(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

const lineOf = (what: string): number =>
  readFileSync(PROGRAM, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(`// leak: ${what}`)) + 1;

describe('a running process', () => {
  test.each(['timer', 'collection'])('a leak is found with its line: %s', async (what) => {
    const { pid, address, inspectPort } = await running();
    const args = ['check', '--pid', String(pid), '--while', request(address, what)];
    const { exitCode, stdout, stderr } = await lastfin(args);
    expect(exitCode, String(stderr)).toBe(1);
    expect(stdout).toMatch(new RegExp(`1 leak in process ${pid}, in rounds 2 to 3 of 3`));
    expect(stdout).toContain(`watched.mjs:${lineOf(what)}:`);
    expect(await isOpen(inspectPort)).toBe(false);
  });

  test('one that leaks nothing passes, twice, and is left as it was', async () => {
    const { pid, address, inspectPort } = await running();
    const args = [
      'check',
      '--pid',
      String(pid),
      '--while',
      request(address, 'clean'),
      '--rounds',
      '2',
      '--json',
    ];
    for (const _ of [1, 2]) {
      const { exitCode, stdout, stderr } = await lastfin(args);
      expect(exitCode, `${String(stdout)}${String(stderr)}`).toBe(0);
      const result = JSON.parse(String(stdout)) as object;
      expect(result).toMatchObject({ process: { pid, script: PROGRAM, workers: 0 }, rounds: 2, leaks: [] });
      expect(await isOpen(inspectPort)).toBe(false);
    }
    expect(await (await fetch(`${address}/clean`)).text()).toBe('true');
  });

  test('an inspector that was open stays open', async () => {
    const { said, address } = await running('--inspect=127.0.0.1:0');
    const [, port = ''] = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(said()) ?? [];
    const during = lastfin(['check', '--inspect', `127.0.0.1:${port}`], { stdin: 'pipe' });
    await says(during, 'press Enter');
    await fetch(`${address}/timer`);
    during.stdin?.write('\n');
    const { exitCode, stdout } = await during;
    expect(exitCode, String(stdout)).toBe(1);
    expect(stdout).toMatch(/watched\.mjs:\d+:\d+[^]*not seen: growth of collections/);
    expect(await isOpen(Number(port))).toBe(true);
  });

  test('what is made as soon as the process is said to be watched is found', async () => {
    const { pid, address } = await running();
    const during = lastfin(['check', '--pid', String(pid), '--for', '3s']);
    await says(during, `watching process ${pid}`);
    await fetch(`${address}/timer`);
    const { exitCode, stdout } = await during;
    expect(exitCode, String(stdout)).toBe(1);
    expect(stdout).toContain(`watched.mjs:${lineOf('timer')}:`);
  });

  test('Ctrl-C leaves it as it was, too', async () => {
    const { pid, inspectPort } = await running();
    const during = lastfin(['check', '--pid', String(pid), '--for', '10m']);
    await says(during, 'watching');
    during.kill('SIGINT');
    const { exitCode, all } = await during;
    expect(exitCode, String(all)).toBe(130);
    expect(await isOpen(inspectPort)).toBe(false);
  });
});

describe('what cannot be is said', () => {
  test('no such process, another program, no process at all, another machine', async () => {
    const gone = await lastfin(['check', '--pid', '99999999', '--for', '1ms']);
    expect(gone.all).toMatch(/there is no process 99999999[^]*LASTFIN_NO_PROCESS/);
    expect(gone.exitCode).toBe(3);
    const stranger = spawn('sleep', ['600'], { stdio: 'ignore' });
    children.push(stranger);
    const other = await lastfin(['check', '--pid', String(stranger.pid), '--for', '1ms']);
    expect(other.all).toMatch(/runs `(?:sleep|coreutils|busybox)`, not Node\.js[^]*LASTFIN_NOT_NODE/);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    expect((await lastfin(['check'])).exitCode).toBe(2);
    const remote = await lastfin(['check', '--inspect', '192.0.2.1:9229']);
    expect(remote.all).toMatch(/reaches this machine only[^]*LASTFIN_USAGE/);
    const silent = await lastfin(['check', '--inspect', `127.0.0.1:${await freePort()}`]);
    expect(silent.all).toMatch(/there is no inspector at[^]*LASTFIN_INSPECTOR/);
    expect(silent.exitCode).toBe(3);
  });

  test('an inspector whose port is taken, or that others could reach, is not opened', async () => {
    const { port } = (await holder()).address() as AddressInfo;
    const taken = await running(`--inspect-port=${port}`);
    const { all, exitCode } = await lastfin(['check', '--pid', String(taken.pid), '--for', '1ms']);
    expect(all).toMatch(
      new RegExp(`port ${port}[^]*is taken by process ${process.pid}[^]*LASTFIN_INSPECTOR`),
    );
    expect(exitCode).toBe(3);
    expect(taken.said()).toBe('');
    const open = await running('--inspect-port=0.0.0.0:9229');
    const refused = await lastfin(['check', '--pid', String(open.pid), '--for', '1ms']);
    expect(refused.all).toMatch(/on 0\.0\.0\.0, where others can reach it[^]*LASTFIN_INSPECTOR/);
  });

  test('a command that fails judges nothing', async () => {
    const { pid } = await running();
    const { all, exitCode } = await lastfin(['check', '--pid', String(pid), '--while', 'exit 7']);
    expect(all).toMatch(/`exit 7` ended with exit code 7: nothing is judged[^]*LASTFIN_LAB/);
    expect(exitCode).toBe(3);
  });

  // a process of root, looked at by nobody
  test.skipIf(process.getuid?.() !== 0)('a process of another user', async () => {
    const { pid } = await running();
    const script =
      'process.setgid(65534); process.setuid(65534); await import(process.argv.splice(1, 1)[0]);';
    const args = ['check', '--pid', String(pid), '--for', '1ms'];
    const main = path.resolve('dist/harness/cli/main.js');
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', main, ...args]);
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => (text += part));
    await once(child, 'close');
    expect(text).toMatch(/cannot be looked at: (?:EACCES|EPERM)[^]*LASTFIN_NO_PERMISSION/);
  });
});
