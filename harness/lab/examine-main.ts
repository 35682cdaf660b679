import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type Ability, ABILITIES } from './abilities.ts';
import { trialFilter } from './drop-packets.ts';
import type { Tried } from './machine.ts';
import { Network } from './network.ts';
import { within } from './within.ts';

/**
 * Tries abilities inside a namespace of this machine, each for real, and prints what was seen as one line of JSON.
 *
 * Usage: node examine-main.js ABILITY…
 */
type Check = (network: Network) => Promise<string>;

let tables = 0;

/** Braces on lines of their own: some versions of nft want each closing one so. */
const nft =
  (rules: string, chain = 'type filter hook input priority 0', family = 'inet'): Check =>
  async (network) => {
    const name = `doctor_${++tables}`;
    const table = `table ${family} ${name} {\n chain one {\n ${chain}\n ${rules}\n }\n}\n`;
    await network.run('nft', ['-f', '-'], { input: table });
    await network.run('nft', ['delete', 'table', family, name]);
    return 'rules load';
  };

const sysctls =
  (...names: string[]): Check =>
  async (network) => {
    for (const name of names) await same(network, `net.ipv4.${name}`);
    return names.join(', ');
  };

const CHECKS: Readonly<Partial<Record<Ability, Check>>> = {
  cables: async () => {
    const started = performance.now();
    await (await Network.lay('hosts')).close();
    return `two hosts in ${Math.round(performance.now() - started)} ms`;
  },
  routes: async (network) => {
    const rule = ['prio', '10', 'ipproto', 'tcp', 'dport', '1', 'unreachable'];
    await network.run('ip', ['rule', 'add', ...rule]);
    await network.run('ip', ['rule', 'del', ...rule]);
    return 'rules load';
  },
  'tc-drop': async (network) => {
    await network.run('tc', ['qdisc', 'add', 'dev', 'lo', 'ingress']);
    try {
      await network.run('tc', trialFilter('lo', 1));
    } finally {
      await network.run('tc', ['qdisc', 'del', 'dev', 'lo', 'ingress']);
    }
    return 'filters load';
  },
  'nft-drop': nft('tcp dport 1 counter drop'),
  'nft-reject': nft(
    'tcp dport 2 reject with tcp reset\n tcp dport 3 reject with icmpx type host-unreachable',
  ),
  'nft-random': nft('tcp dport 1 numgen random mod 100 < 10 drop'),
  'nft-limit': nft('tcp dport 1 limit rate over 1000 bytes/second burst 65536 bytes drop'),
  'nft-nat': nft('tcp dport 1 dnat to 127.0.0.1:2', 'type nat hook output priority -100', 'ip'),
  conntrack: async (network) => {
    await network.run('conntrack', ['-L']);
    return 'lists flows';
  },
  'tcp-sysctls': sysctls('tcp_syn_retries', 'tcp_retries2', 'tcp_keepalive_time'),
  'rto-max': sysctls('tcp_rto_max_ms'),
  'port-range': sysctls('ip_local_port_range'),
  abort: abortOne,
  names: async (network) => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'lastfin-doctor-')), 'covered');
    writeFileSync(file, '');
    await network.run('mount', ['--bind', '/dev/null', file]);
    await network.run('umount', [file]);
    rmSync(path.dirname(file), { recursive: true });
    return sysctls('ip_unprivileged_port_start')(network);
  },
  ipv6: async ({ hosts6 }) => {
    if (hosts6 === undefined) throw new Error('off in new network namespaces');
    const server = net.createServer().listen(0, hosts6.target);
    await once(server, 'listening');
    server.close();
    return 'on';
  },
};

/** Sets a sysctl to what it is. */
async function same(network: Network, name: string): Promise<void> {
  const before = network.sysctl(name);
  if (before === undefined) throw new Error(`no ${name} in this kernel`);
  await network.setSysctl(name, before);
}

async function abortOne(network: Network): Promise<string> {
  const server = net.createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect(port, '127.0.0.1');
  await once(client, 'connect');
  const failed = once(client, 'error') as Promise<[NodeJS.ErrnoException]>;
  await network.run('ss', ['-K', 'dst', '127.0.0.1', 'dport', '=', String(port)]);
  try {
    const [error] = await within(1_000, 'the abort', failed);
    return String(error.code);
  } finally {
    client.destroy();
    server.close();
  }
}

function isAbility(name: string): name is Ability {
  return Object.hasOwn(ABILITIES, name);
}

const network = await Network.lay('single');
const tried = await Promise.all(
  process.argv
    .slice(2)
    .filter(isAbility)
    .map(async (ability): Promise<Tried> => {
      const check = CHECKS[ability];
      try {
        if (check === undefined) throw new Error('is tried on the machine itself');
        return { ability, works: true, says: await check(network) };
      } catch (error) {
        return { ability, works: false, says: (error as Error).message };
      }
    }),
);
process.stdout.write(`${JSON.stringify(tried)}\n`);
