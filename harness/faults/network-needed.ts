import type { NetworkKind } from '../lab/network/network.ts';
import { isKernelFault } from '../scenario/fault.ts';
import type { KernelFault } from '../scenario/kernel-fault.ts';
import type { Case } from '../scenario/case.ts';
import type { Fault } from '../scenario/fault.ts';

/** Networks from the simplest to the fullest. */
const KINDS: readonly NetworkKind[] = ['none', 'single', 'hosts', 'routed'];

/** Simplest network in which a case's faults can be made; `undefined`: any, even the machine's own. */
export function networkNeeded({
  lab,
  faults,
  addresses,
}: Pick<Case, 'lab' | 'faults' | 'addresses'>): NetworkKind | undefined {
  if (lab !== undefined) return lab;
  // a name needs files of its own, which may be covered only in a private namespace
  const needs = [...faults.map(neededBy), ...(addresses.length > 0 ? ['single' as const] : [])];
  return KINDS.findLast((kind) => kind !== 'none' && needs.includes(kind));
}

/** Whether a network of this kind satisfies a need. */
export function isEnough(kind: NetworkKind, needed: NetworkKind | undefined): boolean {
  return KINDS.indexOf(kind) >= KINDS.indexOf(needed ?? 'none');
}

/** Simplest network in which the kernel can make this fault. */
export function neededBy(fault: Fault): NetworkKind | undefined {
  return isKernelFault(fault) ? neededByKernel(fault) : undefined;
}

function neededByKernel(fault: KernelFault): NetworkKind | undefined {
  switch (fault.kind) {
    case 'descriptors':
      return undefined;
    case 'cable':
    case 'flap':
      return fault.cut === 'router' ? 'routed' : 'hosts';
    // in a single namespace the clients would run out of ports as well
    case 'ports':
    case 'interface':
      return 'hosts';
    default:
      return 'single';
  }
}
