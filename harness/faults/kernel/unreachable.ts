import net from 'node:net';

import type { KernelFault } from '../../scenario/kernel-fault.ts';
import type { Heal, KernelField } from './kernel-field.ts';
import { addressAt, fromTarget, packetsOf } from './packets.ts';
import { refuseRoute } from './routes.ts';
import { addRules } from './rules.ts';

type Unreachable = Extract<KernelFault, { kind: 'unreachable' }>;

/**
 * The peer cannot be reached. IPv4: whatever the target sends is answered with ICMP, which gives connects the code at once and
 * established connections after their retransmissions. IPv6 lets a connect try again after such an answer, and IPv4 has none for
 * EACCES: there the target's own routing refuses.
 */
export function makeUnreachable(field: KernelField, fault: Unreachable): Promise<Heal> {
  const address = addressAt(field, fault.address);
  const isIPv6 = address === undefined ? field.family === 'ipv6' : net.isIPv6(address);
  if (isIPv6 || fault.as === 'prohibited') return refuseRoute(field, fault);
  const packets = packetsOf(field, { ...fault, direction: fromTarget(fault.side) });
  const type = fault.as === 'host' ? 'host-unreachable' : 'no-route';
  return addRules(field.network, packets, `reject with icmpx type ${type}`);
}
