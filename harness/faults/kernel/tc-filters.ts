import { dropFilter } from '../../lab/network/drop-packets.ts';
import type { Network } from '../../lab/network/network.ts';
import { deviceTowards, type Place } from '../../lab/network/network-plan.ts';
import type { Family } from '../../scenario/trigger.ts';
import type { Heal, KernelContext } from './kernel-context.ts';
import type { Packets } from './match-packets.ts';

let preferences = 0;

/** Number of filters at one device: the first one adds the qdisc, the last one removes it. */
type Standing = { filters: number; changed: Promise<void> };

const standing = new WeakMap<Network, Map<string, Standing>>();

/** Drops packets where they arrive, by filters of tc: all of a kind, or a share (0 to 1). Both ends see the same as with nft's drop. */
export async function addFilters(
  { network }: Pick<KernelContext, 'network'>,
  packets: readonly Packets[],
  family: Family,
  share?: number,
): Promise<Heal> {
  const heals: Heal[] = [];
  const heal = async (): Promise<void> => {
    for (const one of heals.splice(0).toReversed()) await one();
  };
  try {
    for (const { side, field, port, peer, to } of packets) {
      const { kind } = network;
      const device = kind === 'hosts' || kind === 'routed' ? deviceTowards(kind, to, side) : 'lo';
      heals.push(await addQdisc(network, to, device));
      const preference = ++preferences;
      const filter = dropFilter(device, preference, {
        version: family === 'ipv6' ? 6 : 4,
        field,
        port,
        ...(peer === undefined ? {} : { address: { field: peer.field, ip: peer.address } }),
        ...(share === undefined ? {} : { share }),
      });
      await network.run('tc', filter, { where: to });
      const at = ['dev', device, 'ingress', 'pref', String(preference)];
      heals.push(async () => void (await network.run('tc', ['filter', 'del', ...at], { where: to })));
    }
  } catch (error) {
    await heal();
    throw error;
  }
  return heal;
}

/** Adds the qdisc to a device without filters; changes of one device run one after the other. */
async function addQdisc(network: Network, where: Place, device: string): Promise<Heal> {
  const devices = standing.get(network) ?? new Map<string, Standing>();
  standing.set(network, devices);
  // in a single namespace all places share a loopback
  const key = device === 'lo' ? device : `${where} ${device}`;
  const at = devices.get(key) ?? { filters: 0, changed: Promise.resolve() };
  devices.set(key, at);
  const change = (action: 'add' | 'del'): void => {
    const words = ['qdisc', action, 'dev', device, 'ingress'];
    at.changed = at.changed.then(async () => void (await network.run('tc', words, { where })));
  };
  if (at.filters++ === 0) change('add');
  await at.changed;
  return async () => {
    if (--at.filters === 0) change('del');
    await at.changed;
  };
}
