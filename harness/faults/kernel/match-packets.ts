import net from 'node:net';

import type { Place } from '../../lab/network/network-plan.ts';
import type { Direction, Family, Side } from '../../scenario/trigger.ts';
import type { KernelContext } from './kernel-context.ts';

/** Packets of the target's own connections on one side, in one direction. */
export type Packets = {
  side: Side;
  /** port that identifies them, and whether it is their destination (`dport`) */
  field: 'dport' | 'sport';
  port: number;
  /** address of the peer, if only one is meant, and whether it is their destination (`daddr`) */
  peer?: { field: 'daddr' | 'saddr'; address: string };
  /** places where they leave and where they arrive */
  from: Place;
  to: Place;
};

type Choice = { side: Side; direction?: Direction; address?: number };

/** Packets that a fault acts on: both ways, unless it names one direction. */
export function packetsOf(context: KernelContext, { side, direction, address }: Choice): Packets[] {
  const directions: Direction[] = direction === undefined ? ['to-upstream', 'to-client'] : [direction];
  const peer = addressAt(context, address);
  return directions.map((one) => {
    const outwards = (one === 'to-client') === (side === 'client');
    // the target is the server on one side and the client on the other: its peer is identified by one port only
    const toPort = (side === 'upstream') === outwards;
    return {
      side,
      field: toPort ? 'dport' : 'sport',
      port: side === 'client' ? context.listen.port : context.entrance.port,
      ...(peer === undefined ? {} : { peer: { field: outwards ? 'daddr' : 'saddr', address: peer } }),
      ...(outwards ? { from: 'target', to: 'harness' } : { from: 'harness', to: 'target' }),
    };
  });
}

/** Expression that matches them in nftables. */
export function nftMatch({ field, port, peer }: Packets): string {
  const address =
    peer === undefined ? '' : `${net.isIPv6(peer.address) ? 'ip6' : 'ip'} ${peer.field} ${peer.address} `;
  return `${address}tcp ${field} ${port}`;
}

/** Direction in which the target sends on that side. */
export function fromTarget(side: Side): Direction {
  return side === 'client' ? 'to-client' : 'to-upstream';
}

/** Address of the upstream by its index in the case, from 1. */
export function addressAt({ addresses }: KernelContext, index: number | undefined): string | undefined {
  return index === undefined ? undefined : addresses[index - 1];
}

/** IP version of the packets that a fault acts on: that of the address that it names, or of the whole case. */
export function familyOf(context: KernelContext, index: number | undefined): Family {
  const address = addressAt(context, index);
  if (address === undefined) return context.family;
  return net.isIPv6(address) ? 'ipv6' : 'ipv4';
}
