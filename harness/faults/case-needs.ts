import type { Ability } from '../lab/abilities.ts';
import type { NetworkKind } from '../lab/network/network.ts';
import { isKernelFault } from '../scenario/fault.ts';
import type { Case } from '../scenario/case.ts';
import { plannedTimeouts } from './kernel/tcp-timeouts.ts';
import { familyOfFault, waysOf } from './ways.ts';

type Plan = Pick<Case, 'addresses' | 'family' | 'faults'>;

/** Abilities of the machine that a case needs on such a network, apart from its faults. */
export function needsOf({ addresses, family, faults }: Plan, network: NetworkKind): Ability[] {
  const ipv6 = family === 'ipv6';
  if (network === 'none') return ipv6 ? ['machine-ipv6'] : [];
  return [
    ...(network === 'single' ? [] : (['cables'] as const)),
    ...(addresses.length > 0 ? (['names'] as const) : []),
    ...(ipv6 || addresses.includes('ipv6') ? (['ipv6'] as const) : []),
    ...(Object.keys(plannedTimeouts(faults)).length > 0 ? (['tcp-sysctls'] as const) : []),
  ];
}

/** Abilities that decide how, and whether, a case runs: they are tested before a run. */
export function everyNeed(plan: Plan): Ability[] {
  const ofFaults = plan.faults
    .filter(isKernelFault)
    .flatMap((fault) => waysOf(fault, familyOfFault(fault, plan)).flatMap(({ needs }) => needs));
  return [...new Set([...ofFaults, ...needsOf(plan, 'routed'), ...needsOf(plan, 'none')])];
}
