import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { folderOfFile } from '../../shared/testing/folders.ts';
import { machineRules, Namespace, whyNoNamespace } from './testing/namespace.ts';
import type { Program } from './testing/program.ts';

const missing = whyNoNamespace();
if (missing !== undefined) console.warn(`skipped: ${missing}`);

/** LASTFIN_REQUIRE_ALL turns a missing ability of the machine into a failure. */
const skip = missing !== undefined && process.env['LASTFIN_REQUIRE_ALL'] !== '1';

const folder = folderOfFile();
const file = path.join(folder, 'proxy.yaml');
let machine: string | undefined;
let host: Namespace;

beforeAll(async () => {
  if (!skip) machine = await machineRules();
});

afterAll(async () => {
  // nothing that happens in the namespaces changes the machine's own rules
  if (!skip) expect(await machineRules()).toBe(machine);
});

type Route = { listen: string; upstream: string; more?: string };

function configure(routes: Route[], head = ''): void {
  const listeners = routes.map(
    ({ listen, upstream, more = '' }) =>
      `  - { listen: '${listen}', routes: [{ mode: tcp, engine: nftables, upstreams: ['${upstream}'] }] ${more} }`,
  );
  writeFileSync(file, `${head}\nlisteners:\n${listeners.join('\n')}\n`);
}

async function startProxy(): Promise<Program> {
  const proxy = host.start(process.execPath, 'dist/proxy/cli/main.js', '--config', file);
  await proxy.line('"listening"');
  return proxy;
}

async function startUpstream(name: string, port: number, at = '127.0.0.1'): Promise<Program> {
  const script = 'proxy/nftables/fixtures/upstream.mjs';
  const upstream = host.start(process.execPath, script, name, at, String(port));
  await upstream.line('listening');
  return upstream;
}

const startClient = (port: number, at = '127.0.0.1'): Program =>
  host.start(process.execPath, 'proxy/nftables/fixtures/client.mjs', at, String(port));

async function openClient(port: number, at = '127.0.0.1'): Promise<Program> {
  const client = startClient(port, at);
  await client.line('connected');
  return client;
}

const scrape = (): Promise<string> =>
  host.run(
    process.execPath,
    '-e',
    "fetch('http://127.0.0.1:9901/metrics').then((r) => r.text()).then((t) => process.stdout.write(t))",
  );

const tables = (): Promise<string> => host.run('nft', 'list', 'tables');

async function noTables(): Promise<void> {
  for (const deadline = Date.now() + 5000; Date.now() < deadline;) if ((await tables()) === '') return;
  expect(await tables()).toBe('');
}

describe.skipIf(skip)('one host', () => {
  beforeEach(async () => {
    host = await Namespace.create();
  });

  afterEach(() => host.close());

  test.each(['127.0.0.1', '::1'])('%s: the kernel forwards and counts; a stop removes all', async (at) => {
    const address = at.includes(':') ? `[${at}]` : at;
    configure([{ listen: `${address}:9000`, upstream: `${address}:5000` }], 'admin: 127.0.0.1:9901');
    const upstream = await startUpstream('one', 5000, at);
    const proxy = await startProxy();
    const client = await openClient(9000, at);
    client.tell('hello');
    await client.line('got one:hello');
    await client.finish();
    await upstream.line('from');
    const metrics = await scrape();
    expect(metrics).toContain('lastfin_accepted_total 0\n');
    expect(metrics).toContain(`lastfin_route_connections_total{route="${address}:9000"} 1\n`);
    const bytes = (direction: string): number =>
      Number(new RegExp(`direction="${direction}"\\} (\\d+)`).exec(metrics)?.[1]);
    // whole packets: at least SYN, bytes, FIN, with 40 bytes of headers
    expect(bytes('in')).toBeGreaterThan(5 + 3 * 40);
    expect(bytes('out')).toBeGreaterThan(9 + 3 * 40);
    const open = await openClient(9000, at);
    proxy.kill('SIGTERM');
    expect(await proxy.exited()).toBe(0);
    expect(await tables()).toBe('');
    // flows that the kernel had forwarded are ended
    open.tell('anybody there?');
    await open.line('error ECONNRESET');
  });

  test('a killed proxy leaves nothing; where the watcher was killed, too, the next start removes it', async () => {
    configure([{ listen: '127.0.0.1:9000', upstream: '127.0.0.1:5000' }]);
    const first = await startProxy();
    expect(await tables()).toContain('lastfin_proxy_127.0.0.1_9000');
    first.kill('SIGKILL');
    await first.exited();
    await noTables();
    const second = await startProxy();
    const [watcher] = (await host.run('pgrep', '-P', String(second.pid))).split('\n');
    await host.run('kill', '-9', watcher!);
    await second.line('nftables_unguarded');
    second.kill('SIGKILL');
    await second.exited();
    expect(await tables()).toContain('lastfin_proxy_127.0.0.1_9000');
    configure([{ listen: '127.0.0.1:9001', upstream: '127.0.0.1:5000' }]);
    const third = await startProxy();
    await third.line('nftables_left_over');
    expect(await tables()).toBe('table inet lastfin_proxy_127.0.0.1_9001');
  });

  test('a table left over on the very address is replaced; that of a living proxy stays', async () => {
    configure([{ listen: '127.0.0.1:9000', upstream: '127.0.0.1:5000' }]);
    await host.run('nft', 'add table inet lastfin_proxy_127.0.0.1_9000; add table inet other');
    await startProxy();
    configure([{ listen: '127.0.0.1:9001', upstream: '127.0.0.1:5000' }]);
    const second = await startProxy();
    expect(second.lines.join()).not.toContain('left_over');
    expect((await tables()).split('\n').toSorted()).toEqual([
      'table inet lastfin_proxy_127.0.0.1_9000',
      'table inet lastfin_proxy_127.0.0.1_9001',
      'table inet other',
    ]);
    expect(await host.run('nft', 'list table inet lastfin_proxy_127.0.0.1_9000')).toContain(
      'dnat ip to 127.0.0.1:5000',
    );
  });

  test('reload: a changed route goes elsewhere, live connections go on, a removed route ends', async () => {
    const routes = [
      { listen: '127.0.0.1:9000', upstream: '127.0.0.1:5000' },
      { listen: '127.0.0.1:9001', upstream: '127.0.0.1:5000' },
      { listen: '127.0.0.1:9002', upstream: '127.0.0.1:5000' },
    ];
    configure(routes);
    await startUpstream('one', 5000);
    await startUpstream('two', 5001);
    const proxy = await startProxy();
    const clients = [await openClient(9000), await openClient(9001), await openClient(9002)];
    for (const client of clients) {
      client.tell('before');
      await client.line('got one:before');
    }
    configure([routes[0]!, { listen: '127.0.0.1:9001', upstream: '127.0.0.1:5001' }]);
    proxy.kill('SIGHUP');
    await proxy.line('"reloaded"');
    for (const client of clients.slice(0, 2)) {
      client.tell('after');
      await client.line('got one:after');
    }
    clients[2]!.tell('after');
    await clients[2]!.line('error ECONNRESET');
    const fresh = await openClient(9001);
    fresh.tell('hi');
    await fresh.line('got two:hi');
    expect(await tables()).not.toContain('9002');
  });

  test('a connection that reaches userland is ended at once, and counted', async () => {
    configure([{ listen: '127.0.0.1:9000', upstream: '127.0.0.1:5000' }], 'admin: 127.0.0.1:9901');
    const proxy = await startProxy();
    await host.run('nft', 'flush ruleset');
    const client = await openClient(9000);
    await client.line('end');
    expect(JSON.parse(await proxy.line('connection_end'))).toMatchObject({ incoming: 'nftables_handled' });
    expect(await scrape()).toContain(
      'lastfin_terminations_total{side="incoming",reason="nftables_handled"} 1\n',
    );
    await proxy.line('nftables_lost');
    proxy.kill('SIGTERM');
    expect(await proxy.exited()).toBe(0);
  });

  test('denied addresses are left to userland, which refuses them', async () => {
    const head = 'limits: { deny: [127.0.0.0/8], allow: [10.0.0.0/8, 192.0.2.1] }';
    configure([{ listen: '127.0.0.1:9000', upstream: '127.0.0.1:5000' }], head);
    const proxy = await startProxy();
    // a reset that arrives before libuv polls the socket is an error of the connect: 'connect' is never emitted
    await startClient(9000).line('error ECONNRESET');
    expect(JSON.parse(await proxy.line('connection_end'))).toMatchObject({ incoming: 'rejected_ip' });
  });

  test('without the privilege: what is missing, and nothing is left', async () => {
    configure([{ listen: '127.0.0.1:9000', upstream: '127.0.0.1:5000' }]);
    const args = [
      '--bounding-set',
      '-net_admin',
      process.execPath,
      'dist/proxy/cli/main.js',
      '--config',
      file,
    ];
    const proxy = host.start('setpriv', ...args);
    expect(await proxy.exited()).toBe(1);
    expect(proxy.stderr).toContain('LASTFIN_NFTABLES');
    expect(proxy.stderr).toContain('needs the capability CAP_NET_ADMIN');
    expect(await tables()).toBe('');
  });

  test('without nft: what is missing', async () => {
    configure([{ listen: '127.0.0.1:9000', upstream: '127.0.0.1:5000' }]);
    await host.run('mount', '-t', 'tmpfs', 'none', '/usr/sbin');
    const proxy = host.start(process.execPath, 'dist/proxy/cli/main.js', '--config', file);
    expect(await proxy.exited()).toBe(1);
    expect(proxy.stderr).toContain('install the package nftables');
  });
});

const THREE_HOSTS = `mount -t tmpfs none /run
for n in client upstream; do
  ip netns add $n; ip -n $n link set lo up
  ip link add eth0 netns $n type veth peer name to-$n; ip link set to-$n up; ip -n $n link set eth0 up
done
ip addr add 192.0.2.1/25 dev to-client; ip -n client addr add 192.0.2.2/25 dev eth0
ip addr add 192.0.2.129/25 dev to-upstream; ip -n upstream addr add 192.0.2.130/25 dev eth0`;

describe.skipIf(skip)('three hosts', () => {
  beforeEach(async () => {
    host = await Namespace.create(THREE_HOSTS);
  });

  afterEach(() => host.close());

  test.each(['192.0.2.1', '0.0.0.0'])('%s: forwards between them, as the address of its own', async (at) => {
    configure([{ listen: `${at}:9000`, upstream: '192.0.2.130:5000' }], 'admin: 127.0.0.1:9901');
    await host.run('sysctl', '-w', 'net.ipv4.ip_forward=1');
    const fixtures = 'proxy/nftables/fixtures';
    const upstream = host.startIn(
      'upstream',
      process.execPath,
      `${fixtures}/upstream.mjs`,
      'far',
      '192.0.2.130',
      '5000',
    );
    await upstream.line('listening');
    const proxy = await startProxy();
    const client = host.startIn('client', process.execPath, `${fixtures}/client.mjs`, '192.0.2.1', '9000');
    client.tell('hello');
    await client.line('got far:hello');
    await upstream.line('from');
    // the upstream has no route to the client, so it must see the proxy's address
    expect(upstream.lines).toContain('from 192.0.2.129');
    await client.finish();
    const metrics = await scrape();
    expect(metrics).toContain(`lastfin_route_connections_total{route="${at}:9000"} 1\n`);
    expect(metrics).toMatch(/direction="in"\} [1-9]\d{2}$/m);
    expect(metrics).toMatch(/direction="out"\} [1-9]\d{2}$/m);
    expect(metrics).toContain('lastfin_accepted_total 0\n');
    proxy.kill('SIGTERM');
    expect(await proxy.exited()).toBe(0);
    expect(await tables()).toBe('');
  });

  test('without forwarding in the kernel: which sysctl', async () => {
    configure([{ listen: '192.0.2.1:9000', upstream: '192.0.2.130:5000' }]);
    const proxy = host.start(process.execPath, 'dist/proxy/cli/main.js', '--config', file);
    expect(await proxy.exited()).toBe(1);
    expect(proxy.stderr).toContain('sysctl -w net.ipv4.ip_forward=1');
    expect(await tables()).toBe('');
  });
});
