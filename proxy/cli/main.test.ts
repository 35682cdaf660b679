import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { folderOfTest } from '../../shared/testing/folders.ts';
import { openClient, startUpstream, within } from '../testing/peers.ts';
import type { TestUpstream } from '../testing/peers.ts';

/** The compiled program, as vitest's global set-up builds it. */
const PROGRAM = 'dist/proxy/cli/main.js';

type Line = Record<string, unknown>;
type Run = { child: ChildProcess; lines: Line[]; stderr: () => string; exited: Promise<unknown[]> };

const running: ChildProcess[] = [];
let upstream: TestUpstream | undefined;

afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await upstream?.stop();
  upstream = undefined;
});

function start(...args: string[]): Run {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  const lines: Line[] = [];
  let stderr = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line) as Line);
    child.emit('line');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += String(chunk);
  });
  return { child, lines, stderr: () => stderr, exited: within('exit', once(child, 'close'), 10_000) };
}

async function startListening(...args: string[]): Promise<Run & { port: number }> {
  upstream = await startUpstream();
  const run = start('--listen', '127.0.0.1:0', '--upstream', `127.0.0.1:${upstream.port}`, ...args);
  while (run.lines.length === 0) await within('the first line', once(run.child, 'line'), 10_000);
  return { ...run, port: Number(run.lines[0]!['port']) };
}

test('the first line tells the address; a connection makes one line; SIGTERM ends it by itself', async () => {
  const run = await startListening();
  expect(run.lines[0]).toMatchObject({ event: 'listening', address: '127.0.0.1', port: run.port });
  const client = await openClient(run.port);
  const server = await upstream!.next();
  client.socket.end('hello');
  await server.ended;
  server.socket.end('hi');
  await client.closed;
  run.child.kill('SIGTERM');
  expect(await run.exited).toEqual([0, null]);
  expect(run.lines.map(({ event }) => event)).toContain('connection_end');
  expect(run.lines.find(({ event }) => event === 'connection_end')).toMatchObject({
    level: 'info',
    id: '1',
    remoteAddress: '127.0.0.1',
    remotePort: expect.any(Number),
    incoming: 'normal',
    outgoing: 'closed_incoming',
    duration: expect.stringMatching(/^[\d.]+m?s$/),
    durationMs: expect.any(Number),
    bytesIn: 5,
    bytesOut: 2,
    upstreamBytesIn: 2,
    upstreamBytesOut: 5,
  });
  expect(run.stderr()).toBe('');
});

test('a second signal does not wait for the grace', async () => {
  const run = await startListening('--shutdown-grace', '1h');
  const client = await openClient(run.port);
  await upstream!.next();
  run.child.kill('SIGINT');
  await within('the FIN of the first phase', client.ended);
  run.child.kill('SIGTERM');
  expect(await run.exited).toEqual([0, null]);
  expect(run.lines.at(-1)).toMatchObject({
    event: 'connection_end',
    incoming: 'shutdown',
    outgoing: 'shutdown',
  });
});

test('a bad flag: what, where and how to fix it, exit code 2', async () => {
  const run = start('--listen', '127.0.0.1:0', '--upstream', 'nowhere');
  expect(await run.exited).toEqual([2, null]);
  expect(run.stderr()).toContain(
    "LASTFIN_USAGE: option '--upstream <address>' argument 'nowhere' is invalid",
  );
  expect(run.stderr()).toContain('--help');
});

test('a port in use: exit code 1', async () => {
  upstream = await startUpstream();
  const address = `127.0.0.1:${upstream.port}`;
  const run = start('--listen', address, '--upstream', address);
  expect(await run.exited).toEqual([1, null]);
  expect(run.stderr()).toContain(`LASTFIN_PORT_IN_USE: cannot listen on ${address}`);
});

test('a config file: each listener says its address, and connections go by their route', async () => {
  upstream = await startUpstream({ answer: true });
  const folder = folderOfTest();
  const file = path.join(folder, 'proxy.yaml');
  const routes = `routes: [{ mode: tcp, upstreams: [127.0.0.1:${upstream.port}] }]`;
  writeFileSync(
    file,
    `listeners:\n  - { name: a, listen: 127.0.0.1:0, ${routes} }\n  - { name: b, listen: 127.0.0.1:0, ${routes} }\n`,
  );
  const checked = start('--config', file, '--check');
  expect(await checked.exited).toEqual([0, null]);
  const run = start('--config', file);
  while (run.lines.length < 2) await within('two lines', once(run.child, 'line'), 10_000);
  expect(run.lines).toMatchObject([{ listener: 'a' }, { listener: 'b' }]);
  const client = await openClient(Number(run.lines[1]!['port']));
  client.socket.end();
  await client.ended;
  run.child.kill('SIGTERM');
  expect(await run.exited).toEqual([0, null]);
  expect(run.lines.find(({ event }) => event === 'connection_end')).toMatchObject({ route: 'b' });
  writeFileSync(file, 'listeners: []');
  const refused = start('--config', file);
  expect(await refused.exited).toEqual([2, null]);
  expect(refused.stderr()).toContain(`${file}:1:1: \`listeners\` must not be empty`);
});

test('--admin serves the metrics until the proxy has stopped', async () => {
  const run = await startListening('--admin', '127.0.0.1:0');
  while (run.lines.length < 2) await within('the second line', once(run.child, 'line'), 10_000);
  expect(run.lines[1]).toMatchObject({ event: 'admin_listening', address: '127.0.0.1' });
  const answer = await fetch(`http://127.0.0.1:${String(run.lines[1]!['port'])}/metrics`);
  expect(await answer.text()).toContain('lastfin_active_connections 0');
  run.child.kill('SIGTERM');
  expect(await run.exited).toEqual([0, null]);
});

test('an admin address in use ends the proxy', async () => {
  const holder = await startUpstream();
  const run = await startListening('--admin', `127.0.0.1:${holder.port}`);
  expect(await run.exited).toEqual([1, null]);
  expect(run.stderr()).toContain('LASTFIN_PORT_IN_USE');
  await holder.stop();
});

test('SIGHUP reads the config file again; a wrong one changes nothing', async () => {
  upstream = await startUpstream({ answer: true });
  const folder = folderOfTest();
  const file = path.join(folder, 'proxy.yaml');
  const config = (name: string): string =>
    `listeners: [{ name: a, listen: 127.0.0.1:0, routes: [{ name: ${name}, mode: tcp, upstreams: [127.0.0.1:${upstream!.port}] }] }]\n`;
  writeFileSync(file, config('before'));
  const run = start('--config', file);
  const line = async (event: string): Promise<Line> => {
    for (;;) {
      const found = run.lines.find((one) => one['event'] === event);
      if (found !== undefined) return found;
      await within(`a line ${event}`, once(run.child, 'line'), 10_000);
    }
  };
  const port = Number((await line('listening'))['port']);
  writeFileSync(file, 'listeners: 5\n');
  run.child.kill('SIGHUP');
  await line('reload_failed');
  writeFileSync(file, config('after'));
  run.child.kill('SIGHUP');
  await line('reloaded');
  const client = await openClient(port);
  client.socket.end();
  await client.ended;
  expect(await line('connection_end')).toMatchObject({ route: 'after' });
  run.child.kill('SIGTERM');
  expect(await run.exited).toEqual([0, null]);
});
