import type { Lacks } from '../lab/machine.ts';
import type { Want } from '../want.ts';
import type { NetworkKind } from '../lab/network/network.ts';
import { isKernelFault } from '../scenario/fault.ts';
import type { KernelFault } from '../scenario/kernel-fault.ts';
import type { Case } from '../scenario/case.ts';
import type { Family, Fidelity } from '../scenario/trigger.ts';
import type { Fault } from '../scenario/fault.ts';
import { isEnough, neededBy } from './network-needed.ts';
import { canSimulate } from './simulate.ts';
import { familyOfFault, wayHere, waysOf } from './ways.ts';

/** Network of a case, and the abilities that the machine lacks. */
export type Ground = { network: NetworkKind; lacks: Lacks };

/** Best possible fidelity of a fault. */
export function bestFidelity(fault: Fault): Fidelity {
  switch (fault.kind) {
    case 'toxic':
    case 'down':
      return 'toxiproxy';
    case 'refused':
    case 'shutdown':
    case 'reload':
      return 'kernel';
    default:
      return isKernelFault(fault) ? 'kernel' : 'wire';
  }
}

/**
 * Fidelity of a fault on this network and machine; `undefined` if it cannot be made.
 *
 * @param family IP version of the affected connections
 */
export function fidelityOn({ network, lacks }: Ground, fault: Fault, family: Family): Fidelity | undefined {
  if (!isKernelFault(fault)) return bestFidelity(fault);
  if (isEnough(network, neededBy(fault)) && wayHere(fault, family, lacks) !== undefined) return 'kernel';
  if (isSilentHost(fault)) return 'wire';
  return canSimulate(fault) ? 'simulated' : undefined;
}

/** Whether a fault is a connect without an answer, which needs no namespace: a full accept queue makes it. */
export function isSilentHost(fault: KernelFault & Pick<Fault, 'when'>): boolean {
  return (
    fault.kind === 'timeout' &&
    fault.side === 'upstream' &&
    fault.when.at === 'connect' &&
    fault.address === undefined
  );
}

/** Reason why a case cannot run; `want`: the ability that the machine lacks, if that is the reason. */
export type Gap = { reason: string; want?: Want };

/** Finds the reason why a case cannot run here, not even with less real faults; `undefined` if it can. */
export function gapOn(
  ground: Ground,
  plan: Pick<Case, 'lab' | 'addresses' | 'faults' | 'family'>,
): Gap | undefined {
  const { network, lacks } = ground;
  if (!isEnough(network, plan.lab)) return { reason: 'the scenario asks for it' };
  if (network === 'none' && plan.addresses.length > 0 && !plan.faults.some(({ kind }) => kind === 'dns')) {
    return { reason: 'the upstream has a name' };
  }
  const missing = plan.faults.find(
    (fault) => isKernelFault(fault) && fidelityOn(ground, fault, familyOfFault(fault, plan)) === undefined,
  );
  if (missing === undefined || !isKernelFault(missing)) return undefined;
  if (!isEnough(network, neededBy(missing)))
    return { reason: `the fault \`${missing.kind}\` may not be simulated` };
  const needs = waysOf(missing, familyOfFault(missing, plan)).flatMap((way) => way.needs);
  const want = needs.map((need) => lacks[need]).find((one) => one !== undefined);
  const reason = `the fault \`${missing.kind}\` needs ${want?.what ?? 'more'}, which does not work here`;
  return { reason, ...(want === undefined ? {} : { want }) };
}

/** Sides that need a link: only those with a toxic, since a link passes neither half-close nor RST. */
export function linkedSides(faults: readonly Fault[]): Set<'client' | 'upstream'> {
  return new Set(
    faults.flatMap((fault) => (fault.kind === 'toxic' || fault.kind === 'down' ? [fault.side] : [])),
  );
}
