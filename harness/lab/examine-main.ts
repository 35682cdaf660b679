import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type Ability, ABILITIES } from './abilities.ts';
import { trialFilter } from './network/drop-packets.ts';
import type { Tried } from './machine.ts';
import { HAS_IPV6 } from './network/network.ts';
import { runTool, type SystemTool, toolPath } from './system-tool.ts';
import { within } from '../../shared/within.ts';

/**
 * Tries abilities inside a namespace of this machine, each for real, and prints what was seen as one line of JSON.
 *
 * Usage: node examine-main.js ABILITY…
 */
type Check = () => Promise<string>;

/** ms for one ability; a check that takes longer counts as failed */
const DEADLINE = 5_000;

const run = (tool: SystemTool, words: readonly string[], input = ''): Promise<string> =>
  runTool([toolPath(tool), ...words], input);

let tables = 0;

/** Adds rules and takes them away. Braces on lines of their own: some versions of nft want each closing one so. */
const nft =
  (rules: string, chain = 'type filter hook input priority 0', family = 'inet'): Check =>
  async () => {
    const name = `doctor_${++tables}`;
    const table = `table ${family} ${name} {\n chain one {\n ${chain}\n ${rules}\n }\n}\n`;
    await run('nft', ['-f', '-'], table);
    await run('nft', ['delete', 'table', family, name]);
    return 'rules load';
  };

/** Sets sysctls to what they are. */
const sysctls =
  (...names: string[]): Check =>
  () => {
    for (const name of names) {
      const file = `/proc/sys/net/ipv4/${name}`;
      if (!existsSync(file)) return Promise.reject(new Error(`no ${name} in this kernel`));
      writeFileSync(file, readFileSync(file));
    }
    return Promise.resolve(names.join(', '));
  };

const CHECKS: Readonly<Partial<Record<Ability, Check>>> = {
  cables: async () => {
    await run('ip', ['-batch', '-'], 'link add doctor type veth peer name doctor2\nlink del doctor\n');
    await run('nsenter', [`--net=/proc/${process.pid}/ns/net`, '--', '/bin/sh', '-c', ':']);
    return 'a pair of devices';
  },
  routes: async () => {
    const rule = 'prio 10 ipproto tcp dport 1 unreachable';
    await run('ip', ['-batch', '-'], `rule add ${rule}\nrule del ${rule}\n`);
    return 'rules load';
  },
  'tc-drop': async () => {
    const filter = trialFilter('lo', 1).map((word) => `"${word}"`);
    const lines = ['qdisc add dev lo ingress', filter.join(' '), 'qdisc del dev lo ingress'];
    await run('tc', ['-batch', '-'], `${lines.join('\n')}\n`);
    return 'filters load';
  },
  'nft-drop': nft('tcp dport 1 counter drop'),
  'nft-reject': nft(
    'tcp dport 2 reject with tcp reset\n tcp dport 3 reject with icmpx type host-unreachable',
  ),
  'nft-random': nft('tcp dport 1 numgen random mod 100 < 10 drop'),
  'nft-limit': nft('tcp dport 1 limit rate over 1000 bytes/second burst 65536 bytes drop'),
  'nft-nat': nft('tcp dport 1 dnat to 127.0.0.1:2', 'type nat hook output priority -100', 'ip'),
  conntrack: async () => {
    await run('conntrack', ['-L']);
    return 'lists flows';
  },
  'tcp-sysctls': sysctls('tcp_syn_retries', 'tcp_retries2', 'tcp_keepalive_time'),
  'rto-max': sysctls('tcp_rto_max_ms'),
  'port-range': sysctls('ip_local_port_range'),
  abort: abortOne,
  names: async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lastfin-doctor-'));
    const file = path.join(folder, 'covered');
    writeFileSync(file, '');
    await run('mount', ['--bind', '/dev/null', file]);
    await run('umount', [file]);
    rmSync(folder, { recursive: true });
    return sysctls('ip_unprivileged_port_start')();
  },
  ipv6: async () => {
    if (!HAS_IPV6) throw new Error('off in new network namespaces');
    const server = net.createServer().listen(0, '::1');
    await once(server, 'listening');
    server.close();
    return 'on';
  },
};

async function abortOne(): Promise<string> {
  const server = net.createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect(port, '127.0.0.1');
  await once(client, 'connect');
  const failed = once(client, 'error') as Promise<[NodeJS.ErrnoException]>;
  await run('ss', ['-K', 'dst', '127.0.0.1', 'dport', '=', String(port)]);
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

async function tryOne(ability: Ability): Promise<Tried> {
  const check = CHECKS[ability];
  try {
    if (check === undefined) throw new Error('is tried on the machine itself');
    return { ability, works: true, says: await within(DEADLINE, ABILITIES[ability].what, check()) };
  } catch (error) {
    return { ability, works: false, says: (error as Error).message };
  }
}

const tried = await Promise.all(process.argv.slice(2).filter(isAbility).map(tryOne));
// whatever a check has left open keeps nobody waiting
process.stdout.write(`${JSON.stringify(tried)}\n`, () => process.exit(0));
