import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';

import type { Ability } from './abilities.ts';
import { Network } from './network.ts';
import { within } from './within.ts';

/**
 * What can be done inside a namespace of this machine: each ability is tried for real. Runs inside one, writes one line of JSON.
 */
const SYSCTLS = [
  'tcp_syn_retries',
  'tcp_retries2',
  'tcp_keepalive_time',
  'ip_local_port_range',
  'icmp_msgs_per_sec',
];

type Check = Omit<Ability, 'works' | 'says'> & { check: (network: Network) => Promise<string> };

/** This nft wants each closing brace on a line of its own. */
const inTable = (rules: string): string =>
  `table inet doctor {\n chain one {\n type filter hook input priority 0\n ${rules}\n }\n}\n`;

const nft = async (network: Network, rules: string): Promise<string> => {
  await network.run('nft', ['-f', '-'], { input: inTable(rules) });
  await network.run('nft', ['delete', 'table', 'inet', 'doctor']);
  return 'rules load';
};

const CHECKS: readonly Check[] = [
  {
    what: 'real user',
    check: () => Promise.resolve(`uid ${process.getuid?.()} inside as outside`),
    mend: '',
  },
  {
    what: 'cables (veth, second namespace)',
    check: async () => {
      const started = performance.now();
      await (await Network.lay('hosts')).close();
      return `two hosts in ${Math.round(performance.now() - started)} ms`;
    },
    mend: 'a kernel with CONFIG_VETH',
  },
  {
    what: 'nftables: drop and reject',
    check: (network) =>
      nft(network, 'tcp dport 1 drop\n tcp dport 2 reject with tcp reset\n tcp dport 3 reject'),
    mend: 'install nftables; a kernel with CONFIG_NF_TABLES_INET and CONFIG_NFT_REJECT',
  },
  {
    what: 'nftables: random loss',
    check: (network) => nft(network, 'tcp dport 1 numgen random mod 100 < 10 drop'),
    mend: 'a kernel with CONFIG_NFT_NUMGEN',
  },
  {
    what: 'nftables: NAT and conntrack',
    check: async (network) => {
      const table =
        'table ip doctor {\n chain one {\n type nat hook output priority -100\n tcp dport 1 dnat to 127.0.0.1:2\n }\n}\n';
      await network.run('nft', ['-f', '-'], { input: table });
      await network.run('nft', ['delete', 'table', 'ip', 'doctor']);
      return 'rules load';
    },
    mend: 'a kernel with CONFIG_NFT_NAT and CONFIG_NF_CONNTRACK',
  },
  {
    what: 'tcp sysctls',
    check: async (network) => {
      for (const name of SYSCTLS) await same(network, `net.ipv4.${name}`);
      return SYSCTLS.join(', ');
    },
    mend: 'mount /proc/sys writable for the namespace',
  },
  {
    what: 'tcp_rto_max_ms (quicker time-outs)',
    check: async (network) => same(network, 'net.ipv4.tcp_rto_max_ms'),
    mend: 'a kernel of version 6.15 or later; without it connect time-outs take a second longer',
  },
  {
    what: 'tc tbf (rate limits)',
    check: async (network) => {
      const tbf = ['tbf', 'rate', '1mbit', 'burst', '32kbit', 'latency', '400ms'];
      await network.run('tc', ['qdisc', 'add', 'dev', 'lo', 'root', ...tbf]);
      await network.run('tc', ['qdisc', 'del', 'dev', 'lo', 'root']);
      return 'on lo';
    },
    mend: 'a kernel with CONFIG_NET_SCH_TBF',
  },
  {
    what: 'ss -K (connections aborted)',
    check: abortOne,
    mend: 'a kernel with CONFIG_INET_DIAG_DESTROY',
  },
  {
    what: 'conntrack',
    check: async (network) => {
      await network.run('conntrack', ['-L']);
      return 'lists flows';
    },
    mend: 'install conntrack',
  },
  {
    what: 'IPv6',
    check: () =>
      readdirSync('/proc/sys/net').includes('ipv6')
        ? Promise.resolve('on')
        : Promise.reject(new Error('the kernel has none')),
    mend: 'a kernel with IPv6',
  },
];

/** Sets a sysctl to what it is. */
async function same(network: Network, name: string): Promise<string> {
  const before = network.sysctl(name);
  if (before === undefined) throw new Error(`no ${name} in this kernel`);
  await network.setSysctl(name, before);
  return before;
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

const network = await Network.lay('single');
const abilities: Ability[] = [];
for (const { what, check, mend } of CHECKS) {
  try {
    abilities.push({ what, works: true, says: await check(network), mend });
  } catch (error) {
    abilities.push({ what, works: false, says: (error as Error).message, mend });
  }
}
process.stdout.write(`${JSON.stringify(abilities)}\n`);
