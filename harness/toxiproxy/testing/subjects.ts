import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startToxiproxyServer, type ToxiproxyServer, type ToxiproxyServerOptions } from '../server.ts';
import { apiClient, type Api } from './api-client.ts';
import { dial, Upstream, type Peer } from './peer.ts';

export type Toxiproxy = {
  readonly kind: 'embedded' | 'real';
  readonly url: string;
  readonly api: Api;
};

/** A proxy between a new upstream and whoever dials it. */
export type TestProxy = {
  readonly name: string;
  readonly path: string;
  readonly listen: string;
  readonly upstream: Upstream;
  /** A client and the upstream's end of its connection. */
  readonly pair: () => Promise<{ client: Peer; server: Peer }>;
  readonly toxic: (toxic: Record<string, unknown>) => Promise<void>;
};

/** Tools of a contract test. Everything it makes is removed after the test. */
export type Bench = {
  readonly toxiproxy: Toxiproxy;
  readonly api: Api;
  readonly proxy: (options?: { toxics?: readonly Record<string, unknown>[] }) => Promise<TestProxy>;
  readonly upstream: () => Promise<Upstream>;
  readonly dial: (address: string) => Promise<Peer>;
};

/**
 * Runs the same tests against the embedded server (in this process) and the real one (`LASTFIN_TOXIPROXY_BIN`, or
 * `toxiproxy-server` on the PATH). Afterwards neither may hold a socket.
 */
export function contract(name: string, tests: (bench: Bench) => void, options: ContractOptions = {}): void {
  describe(`${name}: embedded`, () => {
    tests(setUp('embedded', async () => startEmbedded(options)));
  });
  const binary = realBinary();
  describe(`${name}: real`, () => {
    if (binary !== undefined) {
      tests(setUp('real', async () => startReal(binary, options)));
      return;
    }
    const reason =
      'no real Toxiproxy: LASTFIN_TOXIPROXY_BIN is not set and toxiproxy-server is not on the PATH';
    if (process.env['LASTFIN_REQUIRE_ALL'] === '1') test(reason, () => expect.fail(reason));
    else {
      console.warn(`skipped: ${reason}`);
      test.skip(reason);
    }
  });
}

/** The embedded server alone, for what the real one cannot do. Call it inside `describe`. */
export function embedded(
  options: ToxiproxyServerOptions = {},
): Bench & { readonly connections: () => number } {
  let server: ToxiproxyServer | undefined;
  const bench = setUp('embedded', async () => {
    server = await startToxiproxyServer({ port: 0, ...options });
    return control(server);
  });
  return Object.assign(bench, { connections: () => server?.connections() ?? 0 });
}

export type ContractOptions = {
  readonly proxyMetrics?: boolean;
};

type Running = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** Sockets of proxied connections that are still open. */
  readonly open: () => Promise<number>;
};

function setUp(kind: Toxiproxy['kind'], start: () => Promise<Running>): Bench {
  let running: Running;
  let api: Api;
  let count = 0;
  let cleanUps: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    running = await start();
    api = apiClient(running.url);
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
    cleanUps = [];
    const proxies = (await api('GET', '/proxies')).json() as Record<string, unknown>;
    for (const name of Object.keys(proxies)) await api('DELETE', `/proxies/${encodeURIComponent(name)}`);
    await vi.waitFor(async () => expect(await running.open()).toBe(0), { timeout: 5000 });
  });
  afterAll(async () => {
    await running.stop();
    // Nothing of the server, nor of the peers, is left in this process.
    await vi.waitFor(() => expect(tcpResources()).toEqual([]), { timeout: 5000 });
  });

  const bench: Bench = {
    get toxiproxy() {
      return { kind, url: running.url, api };
    },
    api: async (...call) => api(...call),
    async upstream() {
      const upstream = await Upstream.listen();
      cleanUps.push(async () => upstream.close());
      return upstream;
    },
    async dial(address) {
      const peer = await dial(address);
      cleanUps.push(() => void peer.socket.destroy());
      return peer;
    },
    async proxy({ toxics = [] } = {}) {
      const upstream = await bench.upstream();
      const name = `p${++count}`;
      const at = `/proxies/${name}`;
      const body = { name, listen: '127.0.0.1:0', upstream: upstream.address };
      const created = await api('POST', '/proxies', { body });
      expect(created.status, created.text).toBe(201);
      const { listen } = created.json() as { listen: string };
      const toxic = async (attributes: Record<string, unknown>): Promise<void> => {
        const reply = await api('POST', `${at}/toxics`, { body: attributes });
        expect(reply.status, reply.text).toBe(200);
      };
      for (const each of toxics) await toxic(each);
      const pair = async (): Promise<{ client: Peer; server: Peer }> => {
        const client = await bench.dial(listen);
        return { client, server: await upstream.next() };
      };
      return { name, path: at, listen, upstream, pair, toxic };
    },
  };
  return bench;
}

/** TCP sockets and servers of this process. */
export function tcpResources(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => resource.startsWith('TCP'));
}

async function startEmbedded(options: ToxiproxyServerOptions): Promise<Running> {
  return control(await startToxiproxyServer({ port: 0, ...options }));
}

function control(server: ToxiproxyServer): Running {
  return {
    url: server.url,
    stop: async () => server.close(),
    open: async () => Promise.resolve(server.connections()),
  };
}

async function startReal(binary: string, options: ContractOptions): Promise<Running> {
  const port = await freePort();
  const flags = ['-host', '127.0.0.1', '-port', String(port)];
  if (options.proxyMetrics === true) flags.push('-proxy-metrics');
  const child: ChildProcess = spawn(binary, flags, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => apiClient(url)('GET', '/version'), { timeout: 10_000, interval: 20 });
  return {
    url,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    // Its sockets cannot be counted from here; that it closed them is seen by the peers.
    open: async () => Promise.resolve(0),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function realBinary(): string | undefined {
  const named = process.env['LASTFIN_TOXIPROXY_BIN'];
  if (named !== undefined && named !== '') return named;
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'toxiproxy-server'))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
