import type { Client } from '../actors/client.ts';
import type { Upstream } from '../actors/upstream.ts';
import type { Heal, KernelContext } from './kernel/kernel-context.ts';
import type { SocketSide } from '../scenario/trigger.ts';
import type { Links } from './toxiproxy-links.ts';

/** Error to be thrown at sockets inside the target, as the kernel would have made it. */
export type Thrown = {
  /** side of the target's sockets */
  side: SocketSide;
  /** port that identifies them: the target's own for incoming ones, the peer's for outgoing ones */
  port: number;
  /** sockets that are connected now, or each that connects until the order is revoked */
  phase: 'connected' | 'connecting';
  /** whether later sockets get the error, too, until the order is revoked */
  lasting?: boolean;
  code: string;
  syscall: string;
};

/** Orders the error; the returned function revokes the order. */
export type ThrowInTarget = (thrown: Thrown) => Promise<() => Promise<void>>;

/** Parts of a case that faults act on. */
export type FaultContext = KernelContext & {
  client: Client;
  upstream: Upstream;
  links: Links;
  /** sends the target its stop signal */
  stopTarget: () => void;
  /** whether a sent signal has not reached the target yet; false if the system does not tell */
  signalPending: () => boolean;
  /** gives the target the config of another route; the heal restores its own */
  reload: (route: string) => Promise<Heal>;
  /** throws an error at sockets inside the target */
  throwInTarget: ThrowInTarget;
};
