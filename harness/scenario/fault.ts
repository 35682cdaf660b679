import type { KernelFault } from './kernel-fault.ts';
import type { Direction, Side, Trigger } from './trigger.ts';

export type Fault = { when: Trigger } &
  /** the upstream's listener is closed: connects are refused by the kernel */
  (
    | { kind: 'refused'; address?: number; for?: number }
    /** the upstream's host does not answer: connects stay pending */
    | { kind: 'blackhole' }
    /** the actor on `side` does this to all its open connections at once */
    | { kind: PeerFault; side: Side }
    /** a toxic on the link at `side`; attributes as Toxiproxy has them */
    | {
        kind: 'toxic';
        type: ToxicType;
        side: Side;
        direction: Direction;
        toxicity: number;
        attributes: Record<string, number>;
        /** healed after this time, ms; absent: at the end of the round */
        for?: number;
      }
    /** the link at `side` is disabled: its connections are closed, new ones refused */
    | { kind: 'down'; side: Side; for?: number }
    /** the target gets its stop signal, once or several times, while connections live; the case ends with this round */
    | { kind: 'shutdown'; times?: number }
    /** the target's config file becomes that of another route, and it is told to read it again */
    | { kind: 'reload'; route: string }
    | KernelFault
  );

/** Faults that an actor makes: it does this to all its connections. */
export type PeerFault = 'reset' | 'close' | 'half-close' | 'abandon' | 'stall';

export const TOXIC_TYPES = [
  'latency',
  'bandwidth',
  'slow_close',
  'timeout',
  'slicer',
  'limit_data',
  'reset_peer',
] as const;

export type ToxicType = (typeof TOXIC_TYPES)[number];

const KINDS: Record<KernelFault['kind'], true> = {
  unreachable: true,
  timeout: true,
  'firewall-reset': true,
  abort: true,
  loss: true,
  rate: true,
  ports: true,
  descriptors: true,
  dns: true,
  cable: true,
  interface: true,
  flap: true,
};

export function isKernelFault(fault: Fault): fault is KernelFault & { when: Trigger } {
  return Object.hasOwn(KINDS, fault.kind);
}

/** ms after which a fault heals by itself; undefined if it lasts. */
export function lastsFor(fault: Fault): number | undefined {
  if (fault.kind === 'flap') return fault.times * (fault.down + fault.up);
  return 'for' in fault ? fault.for : undefined;
}
