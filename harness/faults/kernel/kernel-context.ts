import type { Address } from '../../../shared/address.ts';
import type { Lacks } from '../../lab/machine.ts';
import type { Network } from '../../lab/network/network.ts';
import type { Family } from '../../scenario/trigger.ts';
import type { NameServer } from './name-server.ts';

/** What faults of the kernel act on. */
export type KernelContext = {
  network: Network;
  family: Family;
  /** where the target listens */
  listen: Address;
  /** where the target connects to: the upstream, or the link before it */
  entrance: Address;
  /** where the upstream's name leads, in the order of the case; empty where it has none */
  addresses: readonly string[];
  /** answers for that name */
  names: NameServer | undefined;
  targetPid: number;
  /** abilities that the machine does not have */
  lacks: Lacks;
};

export type Heal = () => void | Promise<void>;
