import type { Heal, KernelContext } from './kernel-context.ts';

const RANGE = 'net.ipv4.ip_local_port_range';
const RESERVED = 'net.ipv4.ip_local_reserved_ports';

/**
 * First of the ports that each exhaustion uses in turn, so that none meets ports that the previous one left in TIME_WAIT; above the
 * kernel's own range, in which the warm-up's ports are in TIME_WAIT.
 */
const FIRST = 61_000;
const EACH = 128;
const TURNS = 35;

let turn = 0;

/** Leaves the target only `left` local ports: connects beyond them fail with EADDRNOTAVAIL. */
export async function exhaustPorts({ network }: KernelContext, left: number): Promise<Heal> {
  const first = FIRST + EACH * (turn++ % TURNS);
  // the kernel rounds a range down to an even number of ports: a surplus port is reserved
  const size = Math.max(left + (left % 2), 2);
  const range = await network.setSysctl(RANGE, `${first} ${first + size - 1}`, 'target');
  const surplus = `${first + left}-${first + size - 1}`;
  const reserved = size === left ? undefined : await network.setSysctl(RESERVED, surplus, 'target');
  return async () => {
    if (reserved !== undefined) await network.setSysctl(RESERVED, reserved, 'target');
    if (range !== undefined) await network.setSysctl(RANGE, range, 'target');
  };
}
