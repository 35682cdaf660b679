import type { Address } from '../../../shared/address.ts';
import type { Lacks } from '../../lab/machine.ts';
import type { Network } from '../../lab/network/network.ts';
import type { Family } from '../../scenario/trigger.ts';
import type { NameServer } from './names/name-server.ts';

/** Parts of a case that kernel faults act on. */
export type KernelContext = {
  network: Network;
  family: Family;
  /** address that the target listens on */
  listen: Address;
  /** address that the target connects to: the upstream, or the link before it */
  entrance: Address;
  /** addresses of the upstream's name, in the order of the case; empty if it has none */
  addresses: readonly string[];
  /** name server for that name */
  names: NameServer | undefined;
  targetPid: number;
  /** abilities that the machine lacks */
  lacks: Lacks;
};

export type Heal = () => void | Promise<void>;
