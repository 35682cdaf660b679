import type { NetworkKind } from '../lab/network.ts';
import { isKernelFault, type KernelFault } from '../scenario/kernel-fault.ts';
import type { Case, Fault, Fidelity } from '../scenario/scenario.ts';
import { isEnough, neededBy } from './network-needed.ts';
import { canSimulate } from './simulate.ts';

/** How real a fault is at best, as the plan says it. */
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

/** How real a fault is on such a network, as journal and report say it; `undefined` where it cannot be made there. */
export function fidelityOn(kind: NetworkKind, fault: Fault): Fidelity | undefined {
  if (!isKernelFault(fault) || isEnough(kind, neededBy(fault))) return bestFidelity(fault);
  if (isSilentHost(fault)) return 'wire';
  return canSimulate(fault) ? 'simulated' : undefined;
}

/** A connect that gets no answer can be had without a namespace: at a full accept queue. */
export function isSilentHost(fault: KernelFault & Pick<Fault, 'when'>): boolean {
  return (
    fault.kind === 'timeout' &&
    fault.side === 'upstream' &&
    fault.when.at === 'connect' &&
    fault.address === undefined
  );
}

/** Why a case cannot run on such a network, not even with faults of a lower fidelity; `undefined` where it can. */
export function impossibleOn(
  kind: NetworkKind,
  { lab, addresses, faults }: Pick<Case, 'lab' | 'addresses' | 'faults'>,
): string | undefined {
  if (!isEnough(kind, lab)) return 'the scenario asks for it';
  if (kind === 'none' && addresses.length > 0 && !faults.some((fault) => fault.kind === 'dns')) {
    return 'the upstream has a name';
  }
  const missing = faults.find((fault) => fidelityOn(kind, fault) === undefined);
  if (missing === undefined) return undefined;
  return `the fault \`${missing.kind}\` may not be simulated`;
}

/** Sides on which a case needs a link: only where a toxic goes, since a link passes neither half-close nor RST. */
export function linkedSides(faults: readonly Fault[]): Set<'client' | 'upstream'> {
  return new Set(
    faults.flatMap((fault) => (fault.kind === 'toxic' || fault.kind === 'down' ? [fault.side] : [])),
  );
}
