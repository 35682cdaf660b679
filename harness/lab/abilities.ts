import type { SystemTool } from './system-tool.ts';

/** Everything that a case can need of the machine: one table for the plan, `doctor` and docs/lab.md. */
type Facts = {
  /** doctor's name for it */
  what: string;
  /** short name by which reports count the cases that are skipped for want of it */
  short: string;
  /** programs that it takes; where one is missing, that one is the want */
  tools: readonly SystemTool[];
  /** remedy where its programs are there and it still fails */
  fix: string;
  /** fate of cases without it */
  without: string;
  /** `namespace`: tried in a network namespace of our own; `machine`: on the machine itself */
  where: 'namespace' | 'machine';
};

const SIMULATED_OR_SKIPPED = 'simulated inside a Node target where the scenario allows it, else skipped';

const TABLE = {
  cables: {
    what: 'cables (veth, second namespace)',
    short: 'cables (veth)',
    tools: ['ip', 'nsenter'],
    fix: 'a kernel with CONFIG_VETH',
    without: 'cases with `cable`, `flap`, `interface` or `lab: hosts` are skipped; `ports` is simulated',
    where: 'namespace',
  },
  routes: {
    what: 'routing rules by port',
    short: 'routing rules by port',
    tools: ['ip'],
    fix: 'Linux 4.17 or later, and iproute2 as new',
    without: '`unreachable` over IPv6, or as `prohibited`: simulated or skipped',
    where: 'namespace',
  },
  'tc-drop': {
    what: 'tc: drop and random loss',
    short: 'tc filters',
    tools: ['tc'],
    fix: 'a kernel with CONFIG_NET_SCH_INGRESS and CONFIG_NET_CLS_BPF',
    without: 'nothing where nft works; else `timeout` and `loss` cases are simulated or skipped',
    where: 'namespace',
  },
  'nft-drop': {
    what: 'nftables: drop',
    short: 'nft',
    tools: ['nft'],
    fix: 'a kernel with CONFIG_NF_TABLES_INET',
    without: 'nothing where tc works: it drops packets instead; `drop: output` over IPv6 is skipped',
    where: 'namespace',
  },
  'nft-reject': {
    what: 'nftables: reject',
    short: 'nft reject',
    tools: ['nft'],
    fix: 'a kernel with CONFIG_NFT_REJECT_INET',
    without: `\`firewall-reset\`, and \`unreachable\` on established IPv4 connections: ${SIMULATED_OR_SKIPPED}`,
    where: 'namespace',
  },
  'nft-random': {
    what: 'nftables: random loss',
    short: 'nft numgen',
    tools: ['nft'],
    fix: 'a kernel with CONFIG_NFT_NUMGEN',
    without: 'nothing where tc works: it loses packets instead',
    where: 'namespace',
  },
  'nft-limit': {
    what: 'nftables: rate limits',
    short: 'nft limit',
    tools: ['nft'],
    fix: 'a kernel with CONFIG_NFT_LIMIT',
    without: 'cases with `rate` are skipped',
    where: 'namespace',
  },
  'nft-nat': {
    what: 'nftables: NAT and conntrack',
    short: 'nft nat',
    tools: ['nft'],
    fix: 'a kernel with CONFIG_NFT_NAT and CONFIG_NF_CONNTRACK',
    without: 'targets that forward in the kernel (`requires: [nft]`) are skipped',
    where: 'namespace',
  },
  conntrack: {
    what: 'conntrack',
    short: 'conntrack',
    tools: ['conntrack'],
    fix: 'install the package conntrack',
    without: 'targets that say `requires: [conntrack]` are skipped',
    where: 'namespace',
  },
  'tcp-sysctls': {
    what: 'tcp sysctls',
    short: 'tcp sysctls',
    tools: [],
    fix: 'mount /proc/sys writable for the namespace',
    without: 'cases in which the kernel gives up after a time (`timeout`, `unreachable`, cables) are skipped',
    where: 'namespace',
  },
  'rto-max': {
    what: 'tcp_rto_max_ms (quicker time-outs)',
    short: 'tcp_rto_max_ms',
    tools: [],
    fix: 'a kernel of version 6.15 or later',
    without: 'connect time-outs take a second longer',
    where: 'namespace',
  },
  'port-range': {
    what: 'local port range',
    short: 'local port range',
    tools: [],
    fix: 'mount /proc/sys writable for the namespace',
    without: `\`ports\`: ${SIMULATED_OR_SKIPPED}`,
    where: 'namespace',
  },
  abort: {
    what: 'ss -K (connections aborted)',
    short: 'ss -K',
    tools: ['ss'],
    fix: 'a kernel with CONFIG_INET_DIAG_DESTROY',
    without: `\`abort\`: ${SIMULATED_OR_SKIPPED}`,
    where: 'namespace',
  },
  names: {
    what: "a name server of the case's own",
    short: 'name servers',
    tools: ['mount', 'umount', 'ip'],
    fix: 'let namespaces mount over files, and set net.ipv4.ip_unprivileged_port_start',
    without: 'cases whose upstream has a name (`addresses`) are skipped; `dns` is simulated',
    where: 'namespace',
  },
  ipv6: {
    what: 'IPv6',
    short: 'IPv6',
    tools: [],
    fix: 'a kernel with IPv6 (not started with ipv6.disable)',
    without: 'cases of `family: ipv6`, and those with an IPv6 address among `addresses`, are skipped',
    where: 'namespace',
  },
  'machine-ipv6': {
    what: 'IPv6 on the loopback of the machine',
    short: 'IPv6',
    tools: [],
    fix: 'sudo sysctl -w net.ipv6.conf.lo.disable_ipv6=0',
    without: 'with `--lab none`, cases of `family: ipv6` are skipped',
    where: 'machine',
  },
  descriptors: {
    what: 'limits of descriptors',
    short: 'prlimit and /proc',
    tools: ['prlimit'],
    fix: 'mount /proc',
    without: `\`descriptors\`: ${SIMULATED_OR_SKIPPED}`,
    where: 'machine',
  },
  'socket-table': {
    what: "the kernel's table of TCP sockets",
    short: '/proc/net/tcp',
    tools: [],
    fix: 'mount /proc',
    without: 'cases that wait for connects that are pending (`connecting`) are skipped',
    where: 'machine',
  },
} as const satisfies Record<string, Facts>;

/** Name of one thing that a case can need of the machine. */
export type Ability = keyof typeof TABLE;

export const ABILITIES: Readonly<Record<Ability, Facts>> = TABLE;

export const ALL_ABILITIES = Object.keys(TABLE) as Ability[];
