import { isIPv6 } from 'node:net';
import type { KernelRoute } from './kernel-route.ts';
import { isWildcard } from './kernel-route.ts';
import { tableName } from './table-name.ts';

/** Command of libnftables-json(5). */
export type Command = Record<string, unknown>;

/** Named counters of a table. In a nat chain a rule sees only the first packet of a connection, so it counts connections. */
export const COUNTERS = ['connections', 'bytes_in', 'bytes_out'] as const;

type Chain = { name: string; type: 'nat' | 'filter'; hook: string; prio: number };

/** Chains of a table: the first two redirect connections to the upstream, the others route the answers back and count bytes. */
const CHAINS: readonly Chain[] = [
  // connections from outside
  { name: 'prerouting', type: 'nat', hook: 'prerouting', prio: -100 },
  // connections from this machine
  { name: 'output', type: 'nat', hook: 'output', prio: -100 },
  { name: 'postrouting', type: 'nat', hook: 'postrouting', prio: 100 },
  // a packet passes exactly one of: postrouting, or input from a device other than lo
  { name: 'leaving', type: 'filter', hook: 'postrouting', prio: 0 },
  { name: 'arriving', type: 'filter', hook: 'input', prio: 0 },
];

const DESTINATION_CHAINS = ['prerouting', 'output'];

/** Commands that create the table of a route and replace a left-over one. */
export function installCommands(route: KernelRoute): Command[] {
  const table = { family: 'inet', name: tableName(route.listen) };
  return [
    // a delete needs a table, and it may be missing
    { add: { table } },
    { delete: { table } },
    { add: { table } },
    ...COUNTERS.map((name) => ({ add: { counter: { family: 'inet', table: table.name, name } } })),
    ...CHAINS.map((chain) => ({
      add: { chain: { family: 'inet', table: table.name, ...chain, policy: 'accept' } },
    })),
    ...addRules(table.name, rulesOf(route)),
  ];
}

/** Commands that send new connections elsewhere. Counters and live connections stay as they are. */
export function retargetCommands(route: KernelRoute): Command[] {
  const table = tableName(route.listen);
  return [
    ...DESTINATION_CHAINS.map((name) => ({ flush: { chain: { family: 'inet', table, name } } })),
    ...addRules(
      table,
      rulesOf(route).filter(({ chain }) => DESTINATION_CHAINS.includes(chain)),
    ),
  ];
}

export function removeCommands(table: string): Command[] {
  return [{ delete: { table: { family: 'inet', name: table } } }];
}

type Rule = { chain: string; expr: unknown[] };

/** Rules of a route's table, in order. */
export function rulesOf(route: KernelRoute): Rule[] {
  const { host, port } = route.listen;
  const protocol = isIPv6(host) ? 'ip6' : 'ip';
  const dnat = { dnat: { family: protocol, addr: route.upstream.host, port: route.upstream.port } };
  const to = (field: string) => ({ payload: { protocol, field } });
  const here = isWildcard(host)
    ? [
        match({ fib: { result: 'type', flags: ['daddr'] } }, 'local'),
        match(to('daddr'), network(protocol === 'ip' ? '127.0.0.0/8' : '::1'), '!='),
      ]
    : [match(to('daddr'), host)];
  const ofFamily = (entries: readonly string[]) =>
    entries.filter((entry) => entry.includes(':') === (protocol === 'ip6')).map(network);
  const denied = ofFamily(route.deny).map((entry) => match(to('saddr'), entry, '!='));
  // without an allow list everybody may connect; with one there is a rule for each entry
  const allowed =
    route.allow.length === 0 ? [[]] : ofFamily(route.allow).map((entry) => [match(to('saddr'), entry)]);
  const ours = [
    match({ meta: { key: 'l4proto' } }, 'tcp'),
    ...(isWildcard(host) ? [] : [match({ ct: { key: `${protocol} daddr`, dir: 'original' } }, host)]),
    match({ ct: { key: 'proto-dst', dir: 'original' } }, port),
    match({ ct: { key: 'status' } }, 'dnat', 'in'),
  ];
  const counted = (chain: string, ...only: unknown[]): Rule[] =>
    (['original', 'reply'] as const).map((direction) => ({
      chain,
      expr: [
        ...only,
        ...ours,
        match({ ct: { key: 'direction' } }, direction),
        { counter: direction === 'original' ? 'bytes_in' : 'bytes_out' },
      ],
    }));
  return [
    ...DESTINATION_CHAINS.flatMap((chain) =>
      allowed.map((allow) => ({
        chain,
        expr: [
          ...here,
          match({ payload: { protocol: 'tcp', field: 'dport' } }, port),
          ...allow,
          ...denied,
          { counter: 'connections' },
          dnat,
        ],
      })),
    ),
    {
      chain: 'postrouting',
      expr: [match({ meta: { key: 'oifname' } }, 'lo', '!='), ...ours, { masquerade: null }],
    },
    ...counted('leaving'),
    ...counted('arriving', match({ meta: { key: 'iifname' } }, 'lo', '!=')),
  ];
}

function match(left: unknown, right: unknown, op: '==' | '!=' | 'in' = '=='): unknown {
  return { match: { op, left, right } };
}

function network(entry: string): unknown {
  const [addr, length] = entry.split('/');
  return length === undefined ? addr : { prefix: { addr, len: Number(length) } };
}

function addRules(table: string, rules: readonly Rule[]): Command[] {
  return rules.map(({ chain, expr }) => ({ add: { rule: { family: 'inet', table, chain, expr } } }));
}
