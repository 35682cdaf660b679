import type { KernelFault } from '../../scenario/kernel-fault.ts';
import type { Heal, KernelContext } from './kernel-context.ts';
import { fromTarget, packetsOf } from './match-packets.ts';
import { addRules } from './nft-rules.ts';

type Unreachable = Extract<KernelFault, { kind: 'unreachable' }>;

/**
 * Answers the target's packets to the peer with ICMP: connects get the code at once, established connections after their
 * retransmissions. IPv4 only: with IPv6 a connect tries again after such an answer.
 */
export function answerUnreachable(context: KernelContext, fault: Unreachable): Promise<Heal> {
  const packets = packetsOf(context, { ...fault, direction: fromTarget(fault.side) });
  const type = fault.as === 'host' ? 'host-unreachable' : 'no-route';
  return addRules(context.network, packets, `reject with icmpx type ${type}`);
}
