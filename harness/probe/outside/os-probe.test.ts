import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Suspect } from '../protocol.ts';
import { OsProbe } from './os-probe.ts';

/** Server in a process of its own that runs `onConnection` for each connection; `socket` is the connection. */
const PROGRAM = (onConnection: string): string => `
  const kept = [];
  const server = require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    ${onConnection}
  });
  server.listen(0, process.argv[1] ?? '127.0.0.1', () => console.log(server.address().port));
`;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) process.kill(-(child.pid ?? 0), 'SIGKILL');
});

async function start(
  onConnection: string,
  { host = '127.0.0.1', upstream = 1 } = {},
): Promise<{ probe: OsProbe; connect: () => Promise<net.Socket>; child: ChildProcess }> {
  const child = spawn(process.execPath, ['-e', PROGRAM(onConnection), host], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const listen = { host, port: Number(String(line)) };
  const probe = new OsProbe({
    pid: child.pid ?? 0,
    ownSession: true,
    listen,
    upstream: { host: '127.0.0.1', port: upstream },
    connections: 1,
  });
  const connect = async (): Promise<net.Socket> => {
    const socket = net.connect({ ...listen, allowHalfOpen: true });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  return { probe, connect, child };
}

/** Polls until the kernel agrees: the target needs a moment to notice what its peer did. */
async function suspectsUntil(probe: OsProbe, fits: (suspects: Suspect[]) => boolean): Promise<Suspect[]> {
  for (let end = Date.now() + 10_000; ;) {
    const { suspects: all } = await probe.report();
    // without a runtime's own threads and its garbage, which only more rounds can judge
    const suspects = all.filter(({ resource }) => resource !== 'thread' && resource !== 'memory');
    if (fits(suspects) || Date.now() > end) return suspects;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const saying = (text: string) => (suspects: Suspect[]) =>
  suspects.some(({ sample }) => sample.includes(text));

test('names state, addresses and who has not ended, as the connection goes on', async () => {
  const { probe, connect } = await start(
    'kept.push(socket); socket.resume(); socket.on("data", () => socket.end())',
  );
  await probe.baseline();
  const client = await connect();
  const open = await suspectsUntil(probe, saying('ESTABLISHED'));
  expect(open).toMatchObject([
    {
      resource: 'tcp',
      fingerprint: 'tcp incoming',
      count: 1,
      rule: 'presence',
      sample: expect.stringMatching(
        new RegExp(
          `^1 in ESTABLISHED: neither the target nor the client has ended it; such as ` +
            `127\\.0\\.0\\.1:${client.remotePort} ← 127\\.0\\.0\\.1:${client.localPort} \\(the client\\), descriptor \\d+ of process \\d+ \\(.+\\)$`,
        ),
      ),
    },
  ]);
  client.write('end');
  expect(await suspectsUntil(probe, saying('FIN_WAIT2'))).toMatchObject([
    { sample: expect.stringContaining('half-open: the target has ended its side, the client has not') },
  ]);
  client.destroy();
  // both sides have ended, and Node closes finished sockets
  expect(await suspectsUntil(probe, (suspects) => suspects.length === 0)).toEqual([]);
});

test('CLOSE_WAIT, by IPv6 too; and a reset leaves a descriptor that it still knows', async (context) => {
  const probing = start('socket.pause(); kept.push(socket)', { host: '::1' });
  const { probe, connect } = await probing.catch(() => context.skip('no IPv6 on this machine'));
  await probe.baseline();
  const client = await connect();
  client.end();
  const [waiting] = await suspectsUntil(probe, saying('CLOSE_WAIT'));
  expect(waiting?.sample).toContain('the client has ended its side, the target has not; such as [::1]:');
  client.resetAndDestroy();
  const [gone] = await suspectsUntil(probe, saying('in no state any more'));
  expect(gone).toMatchObject({ fingerprint: 'tcp incoming', count: 1 });
  expect(gone?.sample).toContain('but the target has not closed its descriptor');
});

test('an outgoing connection may be a pool: that is for more rounds to tell', async () => {
  const upstream = net.createServer().listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as net.AddressInfo;
  const { probe, connect } = await start(
    `kept.push(require('node:net').connect(${port})); socket.destroy()`,
    {
      upstream: port,
    },
  );
  await probe.baseline();
  const accepted = once(upstream, 'connection') as Promise<[net.Socket]>;
  (await connect()).resume();
  const [socket] = await accepted;
  const suspects = await suspectsUntil(probe, saying('(the upstream)'));
  expect(suspects).toMatchObject([{ fingerprint: 'tcp outgoing', rule: 'pace', count: 1 }]);
  expect(suspects[0]?.sample).toMatch(new RegExp(` → 127\\.0\\.0\\.1:${port} \\(the upstream\\)`));
  socket.destroy();
  upstream.close();
});

test('children, descriptors of files, and a child whose parent has gone', async () => {
  const { probe, connect } = await start(`
    socket.destroy();
    require('node:fs').openSync(process.execPath);
    // the shell ends at once and leaves its child to init
    require('node:child_process').spawn('sh', ['-c', 'sleep 600 & exit'], { stdio: 'ignore' });
  `);
  await probe.baseline();
  const before = await probe.sample();
  (await connect()).resume();
  // a program that is just starting has its libraries open for a moment
  const suspects = await suspectsUntil(
    probe,
    (found) =>
      found.length === 2 &&
      saying('`sleep`')(found) &&
      saying('file')(found) &&
      found.every(({ count }) => count === 1),
  );
  expect(suspects.map(({ fingerprint, count, rule }) => [fingerprint, count, rule])).toEqual([
    ['descriptor file', 1, 'pace'],
    ['process sleep', 1, 'pace'],
  ]);
  expect(suspects[0]?.sample).toContain(`file never closed; such as ${process.execPath}, descriptor`);
  const after = await probe.sample();
  expect(after.os?.processes).toBe((before.os?.processes ?? 0) + 1);
  expect(after.fds['file']).toBe((before.fds['file'] ?? 0) + 1);
});

test('tells what a process still has, for one that does not end', async () => {
  const { probe, connect } = await start('kept.push(socket)');
  const client = await connect();
  await probe.baseline();
  const { alive } = await probe.alive();
  const words = alive.map(({ what }) => what);
  expect(words).toContain(`listening on 127.0.0.1:${client.remotePort}`);
  expect(words).toContainEqual(expect.stringContaining('TCP incoming ESTABLISHED'));
  client.destroy();
});

test('a process that is gone is a failure of the look, not an empty one', async () => {
  const { probe, child } = await start('');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  children.length = 0;
  await expect(probe.sample()).rejects.toThrowError(LastfinError);
  await expect(probe.sample()).rejects.toThrow(`process ${child.pid} is gone`);
  expect(await probe.alive()).toEqual({ alive: [] });
});
