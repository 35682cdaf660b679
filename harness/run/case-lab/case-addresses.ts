import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { caseTimeouts, setTcpTimeouts } from '../../faults/kernel/tcp-timeouts.ts';
import type { NameServer } from '../../faults/kernel/names/name-server.ts';
import { nameUpstream, UPSTREAM_NAME } from '../../faults/kernel/names/upstream-name.ts';
import type { Network } from '../../lab/network/network.ts';
import type { Hosts } from '../../lab/network/network-plan.ts';
import type { Teardown } from '../../lab/teardown.ts';
import type { Case } from '../../scenario/case.ts';
import type { Recorder } from '../../journal/recorder.ts';

/** Addresses of a case, and the server that answers for the upstream's name. */
export type CaseAddresses = {
  hosts: Hosts;
  /** addresses that the upstream's name resolves to; empty where it has no name */
  addresses: string[];
  name?: string;
  names: NameServer | undefined;
};

/** Prepares the network of a case: its addresses, the upstream's name, and the kernel's TCP timeouts. */
export async function addressesOf(
  { family, addresses: families, faults }: Case,
  network: Network,
  recorder: Recorder,
  teardown: Teardown,
): Promise<CaseAddresses> {
  const hosts = family === 'ipv6' ? network.hosts6 : network.hosts;
  if (hosts === undefined) throw new LastfinError('LASTFIN_LAB', 'this kernel has no IPv6');
  // on the machine's own network the upstream has no name: no fault there is about names
  if (network.kind === 'none') return { hosts, addresses: [], names: undefined };
  const clock = await setTcpTimeouts(network, caseTimeouts(faults));
  teardown.add("the kernel's clock", clock.heal);
  if (Object.keys(clock.set).length > 0) recorder.write({ type: 'kernel', sysctls: clock.set });
  if (families.length === 0) return { hosts, addresses: [], names: undefined };
  return { hosts, name: UPSTREAM_NAME, ...(await nameUpstream(network, families, teardown)) };
}
