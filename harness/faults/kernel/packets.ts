import net from 'node:net';

import type { Place } from '../../lab/network-plan.ts';
import type { Direction, Side } from '../../scenario/scenario.ts';
import type { KernelField } from './kernel-field.ts';

/** Packets of the target's own connections on one side, in one direction. */
export type Packets = {
  /** matches them in nftables */
  match: string;
  /** where they leave and where they arrive */
  from: Place;
  to: Place;
};

type Choice = { side: Side; direction?: Direction; address?: number };

/** What a fault acts on: both ways, unless it says one. */
export function packetsOf(field: KernelField, { side, direction, address }: Choice): Packets[] {
  const directions: Direction[] = direction === undefined ? ['to-upstream', 'to-client'] : [direction];
  return directions.map((one) => {
    const outwards = (one === 'to-client') === (side === 'client');
    // the target is the server on one side and the client on the other: its peer is known by one port only
    const port = side === 'client' ? field.listen.port : field.entrance.port;
    const toPort = (side === 'upstream') === outwards;
    const match = `${addressMatch(field, address, outwards)}tcp ${toPort ? 'dport' : 'sport'} ${port}`;
    return outwards ? { match, from: 'target', to: 'harness' } : { match, from: 'harness', to: 'target' };
  });
}

/** The direction in which the target sends on that side. */
export function fromTarget(side: Side): Direction {
  return side === 'client' ? 'to-client' : 'to-upstream';
}

/** One of the upstream's addresses, as the case counts them. */
export function addressAt({ addresses }: KernelField, index: number | undefined): string | undefined {
  return index === undefined ? undefined : addresses[index - 1];
}

function addressMatch(field: KernelField, index: number | undefined, outwards: boolean): string {
  const address = addressAt(field, index);
  if (address === undefined) return '';
  return `${net.isIPv6(address) ? 'ip6' : 'ip'} ${outwards ? 'daddr' : 'saddr'} ${address} `;
}
