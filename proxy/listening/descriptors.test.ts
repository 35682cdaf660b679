import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderOfTest } from '../../shared/testing/folders.ts';
import { recordClientHello } from '../testing/client-hello.ts';
import { openClient, startUpstream, within } from '../testing/peers.ts';
import type { TestUpstream } from '../testing/peers.ts';

type Line = Record<string, unknown>;
type Proxy = { child: ChildProcess; pid: number; lines: Line[]; line: (event: string) => Promise<Line> };

const onLinux = process.platform === 'linux';
if (!onLinux) console.warn('skipped: the limit of descriptors is read from /proc');
const run = test.runIf(onLinux || process.env['LASTFIN_REQUIRE_ALL'] === '1');

let upstream: TestUpstream;
let proxy: Proxy;

beforeEach(async () => {
  upstream = await startUpstream({ answer: true });
});

afterEach(async () => {
  if (proxy.child.exitCode === null) {
    proxy.child.kill('SIGKILL');
    await once(proxy.child, 'exit');
  }
  await upstream.stop();
});

/** Starts the compiled program with its own descriptor limit. */
async function start(limit: number, ...args: string[]): Promise<Proxy> {
  const command = `ulimit -n ${limit}; exec "$0" dist/proxy/cli/main.js "$@"`;
  const child = spawn('sh', ['-c', command, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as Line);
    child.emit('line');
  });
  const line = async (event: string): Promise<Line> => {
    for (;;) {
      const found = lines.find((one) => one['event'] === event);
      if (found !== undefined) return found;
      await within(`a line ${event}`, once(child, 'line'), 10_000);
    }
  };
  proxy = { child, pid: child.pid!, lines, line };
  await line('listening');
  return proxy;
}

async function portOf(event: string): Promise<number> {
  return Number((await proxy.line(event))['port']);
}

async function scrape(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${await portOf('admin_listening')}/metrics`)).text();
}

const counter = (metrics: string, name: string): number =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(metrics)?.[1]);

run('out of descriptors: refused, counted, logged a few times, and taken again later', async () => {
  await start(
    128,
    '--listen',
    '127.0.0.1:0',
    '--upstream',
    `127.0.0.1:${upstream.port}`,
    '--admin',
    '127.0.0.1:0',
  );
  const port = await portOf('listening');
  // the admin address keeps its connection, so that scraping needs no new descriptor at the limit
  await scrape();
  const COUNT = 200;
  const clients = Array.from({ length: COUNT }, () => connect(port, '127.0.0.1'));
  const codes = clients.map(
    (socket) =>
      new Promise<string | undefined>((resolve) => {
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
        socket.on('close', () => resolve(undefined));
      }),
  );
  const accepted = async (): Promise<number> => counter(await scrape(), 'lastfin_accepted_total');
  while ((await accepted()) < COUNT) await delay(10);
  const metrics = await scrape();
  const refused = counter(metrics, 'lastfin_accept_errors_total');
  expect(refused).toBeGreaterThan(50);
  expect(metrics).toContain(
    `lastfin_terminations_total{side="incoming",reason="rejected_limit"} ${refused}\n`,
  );
  // exactly the refused clients notice
  while (clients.filter(({ destroyed }) => destroyed).length < refused) await delay(10);
  // the proxy waits instead of spinning
  const before = cpuTicks(proxy.pid);
  await delay(1000);
  expect(cpuTicks(proxy.pid) - before).toBeLessThan(50);
  for (const socket of clients) socket.destroy();
  expect((await Promise.all(codes)).filter((code) => code === 'ECONNRESET').length).toBe(refused);
  while (counter(await scrape(), 'lastfin_active_connections') > 0) await delay(10);
  const again = await openClient(port);
  again.socket.end('hello');
  await again.ended;
  proxy.child.kill('SIGTERM');
  expect(await within('exit', once(proxy.child, 'exit'))).toEqual([0, null]);
  const logged = proxy.lines.filter(({ event }) => event === 'accept_refused');
  expect(logged.length).toBeLessThan(refused);
  expect(logged.reduce((sum, { count = 1 }) => sum + Number(count), 0)).toBe(refused);
  const ends = proxy.lines.filter(
    ({ event, incoming }) => event === 'connection_end' && incoming === 'rejected_limit',
  );
  expect(ends.reduce((sum, { count = 1 }) => sum + Number(count), 0)).toBe(refused);
});

run('no descriptor for the upstream: the connection ends, the proxy does not', async () => {
  const folder = folderOfTest();
  const file = path.join(folder, 'proxy.yaml');
  writeFileSync(
    file,
    `admin: 127.0.0.1:0\nlisteners: [{ name: a, listen: 127.0.0.1:0, routes: [{ mode: tls-passthrough, hosts: ['*'], upstreams: [127.0.0.1:${upstream.port}] }] }]`,
  );
  await start(256, '--config', file);
  const port = await portOf('listening');
  const hello = await recordClientHello('one.example');
  const client = await openClient(port);
  client.socket.write(hello.subarray(0, 10));
  // counted, not only accepted by libuv: the proxy reads its limit between the two
  while (counter(await scrape(), 'lastfin_accepted_total') < 1) await delay(5);
  // a limit below the number of open descriptors: nothing more can be opened
  const limit = (soft: string): void =>
    void execFileSync('prlimit', ['--pid', String(proxy.pid), `--nofile=${soft}:`]);
  limit('3');
  client.socket.write(hello.subarray(10));
  await within('the end', client.ended);
  client.socket.end();
  expect(await proxy.line('connection_end')).toMatchObject({
    incoming: 'closed_outgoing',
    outgoing: 'error',
  });
  expect(await proxy.line('socket_error')).toMatchObject({ side: 'outgoing', code: 'EMFILE' });
  limit('256');
  const again = await openClient(port);
  again.socket.end(hello);
  await within('the upstream’s end', (await upstream.next()).ended);
  await within('the end', again.ended);
});

/** User and system time of a process, in ticks of 10 ms. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
