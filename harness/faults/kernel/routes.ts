import type { Network } from '../../lab/network/network.ts';
import type { UnreachableAs } from '../../scenario/kernel-fault.ts';
import type { Side } from '../../scenario/trigger.ts';
import { addressAt, familyOf } from './match-packets.ts';
import type { Heal, KernelContext } from './kernel-context.ts';

/** Priority of the rules: before all others except the one for local addresses, which has 0. */
const PRIORITY = 10;
/** Priority to which the rule for local addresses moves while these rules must come before it. */
const LOCAL_PRIORITY = 100;
/** First number of the routing tables. */
const FIRST_TABLE = 5_100;

let tables = 0;

/** Number of rules in a namespace that concern its own addresses. */
const local = new Map<string, number>();

/**
 * Makes the target's routing refuse its packets to a peer: connects fail at once with EHOSTUNREACH, ENETUNREACH or EACCES. On established
 * connections IPv6 reports the same code, IPv4 only for packets in flight; later ones end with ETIMEDOUT. `blackhole` gives
 * established IPv4 connections ETIMEDOUT in any case.
 */
export async function refuseRoute(
  context: KernelContext,
  { side, as, address }: { side: Side; as: UnreachableAs | 'blackhole'; address?: number },
): Promise<Heal> {
  const { network } = context;
  const to = addressAt(context, address);
  const version = familyOf(context, address) === 'ipv6' ? '-6' : '-4';
  const ip = async (...words: (string | number)[]): Promise<void> => {
    await network.run('ip', [version, ...words.map(String)], { where: 'target' });
  };
  const port = side === 'client' ? ['sport', context.listen.port] : ['dport', context.entrance.port];
  const selector = ['prio', PRIORITY, ...(to === undefined ? [] : ['to', to]), 'ipproto', 'tcp', ...port];
  const action = await actionOf(as, ip);
  const putBack = await goBeforeLocal(network, version, ip);
  try {
    await ip('rule', 'add', ...selector, ...action.words);
  } catch (error) {
    await putBack();
    await action.remove();
    throw error;
  }
  return async () => {
    await ip('rule', 'del', ...selector, ...action.words);
    await putBack();
    await action.remove();
  };
}

type Ip = (...words: (string | number)[]) => Promise<void>;

/** Action of a rule: type `unreachable` reports ENETUNREACH; the other two codes need a route. */
async function actionOf(
  as: UnreachableAs | 'blackhole',
  ip: Ip,
): Promise<{ words: (string | number)[]; remove: Heal }> {
  if (as === 'blackhole') return { words: ['blackhole'], remove: () => undefined };
  if (as === 'network') return { words: ['unreachable'], remove: () => undefined };
  const type = as === 'host' ? 'unreachable' : 'prohibit';
  const table = FIRST_TABLE + tables++;
  await ip('route', 'add', type, 'default', 'table', table);
  return {
    words: ['lookup', table],
    remove: () => ip('route', 'del', type, 'default', 'table', table),
  };
}

/** Moves the table of local addresses behind these rules: in a single namespace the peers' addresses are local. */
async function goBeforeLocal(network: Network, version: string, ip: Ip): Promise<Heal> {
  if (network.kind !== 'single') return () => undefined;
  const count = local.get(version) ?? 0;
  local.set(version, count + 1);
  if (count === 0) {
    await ip('rule', 'add', 'prio', LOCAL_PRIORITY, 'lookup', 'local');
    await ip('rule', 'del', 'prio', 0, 'lookup', 'local');
  }
  return async () => {
    const left = (local.get(version) ?? 1) - 1;
    local.set(version, left);
    if (left > 0) return;
    await ip('rule', 'add', 'prio', 0, 'lookup', 'local');
    await ip('rule', 'del', 'prio', LOCAL_PRIORITY, 'lookup', 'local');
  };
}
