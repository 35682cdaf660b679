import { isKernelFault } from '../../scenario/fault.ts';
import type { KernelFault } from '../../scenario/kernel-fault.ts';
import type { Fault } from '../../scenario/fault.ts';
import type { Network } from '../../lab/network/network.ts';
import type { Heal } from './kernel-context.ts';

/** Faults after which the kernel waits before it gives up. */
const WAITED_FOR: readonly KernelFault['kind'][] = ['unreachable', 'timeout', 'cable', 'interface', 'flap'];

/**
 * TCP timeouts of the kernel for a whole case, shortened from minutes to seconds. Set before the first connection, since a socket reads
 * most of them once. A connect gives up after 2 s (3 s if the kernel has no `tcp_rto_max_ms`); keep-alive finds a silent peer
 * after 2 s if the socket has it switched on without its own times.
 */
const CASE_TIMEOUTS: Readonly<Record<string, number>> = {
  'net.ipv4.tcp_syn_retries': 1,
  'net.ipv4.tcp_rto_max_ms': 1000,
  'net.ipv4.tcp_keepalive_time': 1,
  'net.ipv4.tcp_keepalive_intvl': 1,
  'net.ipv4.tcp_keepalive_probes': 1,
};

/** Timeout during a fault: unacknowledged data ends a connection after 0.7 to 1.7 s instead of 15 minutes. */
const FAULT_TIMEOUTS: Readonly<Record<string, number>> = { 'net.ipv4.tcp_retries2': 1 };

/** Sysctls that a case with these faults sets from its beginning to its end. */
export function caseTimeouts(faults: readonly Fault[]): Readonly<Record<string, number>> {
  return faults.some((fault) => isKernelFault(fault) && WAITED_FOR.includes(fault.kind)) ? CASE_TIMEOUTS : {};
}

/** Sysctls that a fault sets while it lasts. A fault that heals by itself must be survived: then the kernel keeps its timeouts. */
export function faultTimeouts(fault: KernelFault): Readonly<Record<string, number>> {
  return WAITED_FOR.includes(fault.kind) && !('for' in fault) && fault.kind !== 'flap' ? FAULT_TIMEOUTS : {};
}

/** Sysctls that a case sets at any time, in a network of its own. */
export function plannedTimeouts(faults: readonly Fault[]): Readonly<Record<string, number>> {
  return Object.assign(
    {},
    caseTimeouts(faults),
    ...faults.filter(isKernelFault).map(faultTimeouts),
  ) as Record<string, number>;
}

/** Sets sysctls in the target's place; those that this kernel does not have are left out. */
export async function setTcpTimeouts(
  network: Network,
  clock: Readonly<Record<string, number>>,
): Promise<{ set: Record<string, number>; heal: Heal }> {
  const before = await network.setSysctls(clock, 'target');
  return {
    set: Object.fromEntries(Object.entries(clock).filter(([name]) => name in before)),
    heal: async () => void (await network.setSysctls(before, 'target')),
  };
}
