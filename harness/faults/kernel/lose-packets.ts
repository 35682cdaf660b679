import type { Network } from '../../lab/network/network.ts';
import type { Heal } from './kernel-context.ts';
import type { Packets } from './match-packets.ts';
import { addRules } from './nft-rules.ts';

/** Least size of a token bucket: inside one machine a packet may be a bundle of this size, which a smaller bucket would never pass. */
const LARGEST_PACKET = 65_536;

/** Drops a share of packets at random: the fault `loss`. */
export function losePackets(network: Network, packets: readonly Packets[], share: number): Promise<Heal> {
  return addRules(network, packets, `numgen random mod 10000 < ${Math.round(share * 10_000)} counter drop`);
}

/** Drops packets beyond a number of bytes a second: the fault `rate`. */
export function limitRate(network: Network, packets: readonly Packets[], bytes: number): Promise<Heal> {
  const limit = `limit rate over ${bytes} bytes/second burst ${Math.max(bytes, LARGEST_PACKET)} bytes`;
  return addRules(network, packets, `${limit} counter drop`);
}
