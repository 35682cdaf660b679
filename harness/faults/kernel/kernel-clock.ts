import { isKernelFault } from '../../scenario/fault.ts';
import type { KernelFault } from '../../scenario/kernel-fault.ts';
import type { Fault } from '../../scenario/fault.ts';
import type { Network } from '../../lab/network/network.ts';
import type { Heal } from './kernel-context.ts';

/** Faults after which the kernel waits before it gives up. */
const WAITED_FOR: readonly KernelFault['kind'][] = ['unreachable', 'timeout', 'cable', 'interface', 'flap'];

/**
 * The kernel's clock for a whole case, so that its minutes become seconds. Set before the first connection: a socket reads most of
 * these once. A connect gives up after 2 s (3 s where the kernel has no `tcp_rto_max_ms`), a silent peer is found by keep-alive after 2 s
 * where the socket has it switched on and says no times of its own.
 */
const CASE_CLOCK: Readonly<Record<string, number>> = {
  'net.ipv4.tcp_syn_retries': 1,
  'net.ipv4.tcp_rto_max_ms': 1000,
  'net.ipv4.tcp_keepalive_time': 1,
  'net.ipv4.tcp_keepalive_intvl': 1,
  'net.ipv4.tcp_keepalive_probes': 1,
};

/** Data that nobody acknowledges ends a connection after 0.7 to 1.7 s instead of 15 minutes. */
const FAULT_CLOCK: Readonly<Record<string, number>> = { 'net.ipv4.tcp_retries2': 1 };

/** Sysctls that a case with these faults sets from its beginning to its end. */
export function caseClock(faults: readonly Fault[]): Readonly<Record<string, number>> {
  return faults.some((fault) => isKernelFault(fault) && WAITED_FOR.includes(fault.kind)) ? CASE_CLOCK : {};
}

/** Sysctls that a fault sets while it lasts. One that passes by itself is to be survived: then the kernel keeps its patience. */
export function faultClock(fault: KernelFault): Readonly<Record<string, number>> {
  return WAITED_FOR.includes(fault.kind) && !('for' in fault) && fault.kind !== 'flap' ? FAULT_CLOCK : {};
}

/** All sysctls that are set in the course of a case, in a network of its own: what its plan says. */
export function plannedClock(faults: readonly Fault[]): Readonly<Record<string, number>> {
  return Object.assign({}, caseClock(faults), ...faults.filter(isKernelFault).map(faultClock)) as Record<
    string,
    number
  >;
}

/** Sets sysctls where the target is; those that this kernel does not have are left out. */
export async function setClock(
  network: Network,
  clock: Readonly<Record<string, number>>,
): Promise<{ set: Record<string, number>; heal: Heal }> {
  const before = await network.setSysctls(clock, 'target');
  return {
    set: Object.fromEntries(Object.entries(clock).filter(([name]) => name in before)),
    heal: async () => void (await network.setSysctls(before, 'target')),
  };
}
