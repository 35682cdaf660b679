import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { folderOfTest } from '../../shared/testing/folders.ts';
import { apiClient } from './testing/api-client.ts';
import { dial, Upstream } from './testing/peer.ts';
import { tcpResources } from './testing/subjects.ts';

const MAIN = 'dist/harness/toxiproxy/main.js';

describe('the server as a process', () => {
  const children: ChildProcess[] = [];

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    await expect.poll(tcpResources, { timeout: 5000 }).toEqual([]);
  });

  const start = (flags: string[], stdin: 'ignore' | 'pipe' | 'ipc' = 'ignore'): ChildProcess => {
    const child = spawn(process.execPath, [MAIN, ...flags], {
      stdio: stdin === 'ipc' ? ['ignore', 'pipe', 'pipe', 'ipc'] : [stdin, 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  };
  const firstLine = async (child: ChildProcess): Promise<string> => {
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    const [line] = (await once(lines, 'line')) as [string];
    return line;
  };
  const ready = async (child: ChildProcess): Promise<string> => {
    const { event, host, port } = JSON.parse(await firstLine(child)) as Record<string, unknown>;
    expect([event, host]).toEqual(['listening', '127.0.0.1']);
    return `http://127.0.0.1:${String(port)}`;
  };
  const ends = async (child: ChildProcess): Promise<number | null> => {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  };

  test.each([
    ['--host', '--port'],
    ['-host', '-port'],
  ])('listens with %s %s', async (host, port) => {
    const child = start([host, '127.0.0.1', `${port}=0`]);
    const api = apiClient(await ready(child));
    expect((await api('GET', '/version')).status).toBe(200);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s: exits 0 by itself, every socket closed', async (signal) => {
    const child = start(['-host', '127.0.0.1', '-port', '0']);
    const url = await ready(child);
    const api = apiClient(url);
    const upstream = await Upstream.listen();
    const body = { name: 'a', listen: '127.0.0.1:0', upstream: upstream.address };
    const { listen } = (await api('POST', '/proxies', { body })).json() as { listen: string };
    await api('POST', '/proxies/a/toxics', { body: { type: 'timeout' } });
    const client = await dial(listen);
    await upstream.next();
    const { hostname, port } = new URL(url);
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    child.kill(signal);
    expect(await ends(child)).toBe(0);
    expect(await client.ended).toBe('fin');
    idle.destroy();
    client.socket.destroy();
    await upstream.close();
  });

  test('--exit-with-parent: exits when the IPC channel closes', async () => {
    const child = start(['-host', '127.0.0.1', '-port', '0', '--exit-with-parent'], 'ipc');
    await ready(child);
    child.disconnect();
    expect(await ends(child)).toBe(0);
  });

  test('--exit-with-parent: exits when stdin closes', async () => {
    const child = start(['-host', '127.0.0.1', '-port', '0', '--exit-with-parent'], 'pipe');
    await ready(child);
    child.stdin?.end();
    expect(await ends(child)).toBe(0);
  });

  test('-config creates its proxies; -proxy-metrics and -runtime-metrics show metrics', async () => {
    const folder = folderOfTest();
    const file = path.join(folder, 'toxiproxy.json');
    await writeFile(file, '[{"name":"a","listen":"127.0.0.1:0","upstream":"127.0.0.1:1"}]');
    const child = start([
      '-host',
      '127.0.0.1',
      '-port',
      '0',
      '-config',
      file,
      '-proxy-metrics',
      '-runtime-metrics',
    ]);
    const api = apiClient(await ready(child));
    expect((await api('GET', '/proxies')).json()).toMatchObject({ a: { enabled: true } });
    expect((await api('GET', '/metrics')).text).toContain('\nprocess_resident_memory_bytes ');
  });

  test('a configuration that cannot be read is told on stderr; the server runs', async () => {
    const child = start(['-host', '127.0.0.1', '-port', '0', '-config', '/nonexistent.json']);
    const told = once(child.stderr ?? process.stdin, 'data');
    await ready(child);
    expect(String((await told)[0])).toContain('/nonexistent.json');
  });

  test('-version prints it', async () => {
    const child = start(['-version']);
    expect(await firstLine(child)).toBe('toxiproxy-server version 2.12.0');
    expect(await ends(child)).toBe(0);
  });

  test.each([
    [['-nope'], 2],
    [['-port', 'x'], 2],
    [['-port', '70000'], 2],
    [['-seed', '1.5'], 2],
  ])('%j is wrong usage', async (flags, code) => {
    const child = start(flags);
    expect(await ends(child)).toBe(code);
  });

  test('an address that is taken: exits 1 and says so', async () => {
    const first = start(['-host', '127.0.0.1', '-port', '0']);
    const { port } = new URL(await ready(first));
    const second = start(['-host', '127.0.0.1', '-port', port]);
    const told = once(second.stderr ?? process.stdin, 'data');
    expect(await ends(second)).toBe(1);
    expect(String((await told)[0])).toContain('already in use');
  });
});
