import type { Client } from '../actors/client.ts';
import type { Upstream } from '../actors/upstream.ts';
import type { Heal, KernelContext } from './kernel/kernel-context.ts';
import type { SocketSide } from '../scenario/trigger.ts';
import type { Links } from './toxiproxy-links.ts';

/** An error to be thrown at sockets inside the target, as the kernel would have made it. */
export type Thrown = {
  /** which of the target's sockets */
  side: SocketSide;
  /** the port that they are known by: the target's own of incoming ones, the peer's of outgoing ones */
  port: number;
  /** those that are connected now, or each that connects until the order is taken back */
  phase: 'connected' | 'connecting';
  /** also those that come until the order is taken back */
  lasting?: boolean;
  code: string;
  syscall: string;
};

/** Gives the order; the returned function takes it back. */
export type ThrowInTarget = (thrown: Thrown) => Promise<() => Promise<void>>;

/** What faults act on. */
export type FaultContext = KernelContext & {
  client: Client;
  upstream: Upstream;
  links: Links;
  /** sends the target its stop signal */
  stopTarget: () => void;
  /** whether a signal has been sent to the target and has not reached it; false where the system does not tell */
  signalPending: () => boolean;
  /** gives the target the config of another route; the heal gives it back its own */
  reload: (route: string) => Promise<Heal>;
  /** throws an error at sockets inside the target */
  throwInTarget: ThrowInTarget;
};
