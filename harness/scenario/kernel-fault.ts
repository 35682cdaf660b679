import type { Direction, Side } from './trigger.ts';

/** Reasons for an unreachable host: EHOSTUNREACH, ENETUNREACH, EACCES. */
export const UNREACHABLE_AS = ['host', 'network', 'prohibited'] as const;
export type UnreachableAs = (typeof UNREACHABLE_AS)[number];

/**
 * Answers of the name server: the name does not exist (ENOTFOUND), the server failed, is missing, or never answers (EAI_AGAIN);
 * `slow`: the right answer, late.
 */
export const DNS_ANSWERS = ['nxdomain', 'servfail', 'refused', 'silent', 'slow'] as const;
export type DnsAnswer = (typeof DNS_ANSWERS)[number];

/** Cables that can be cut; `router`: the uplink of the router between target and upstream. */
export const CABLES = ['client', 'upstream', 'router'] as const;
export type CutCable = (typeof CABLES)[number];

/** Packets between the target and its peer on one side; without a direction, both ways. */
type OnSegment = { side: Side; direction?: Direction };

/** Index, from 1, of one of several upstream addresses; absent: all. */
type AtAddress = { address?: number };

/** ms after which the fault heals by itself; absent: at the end of the round. */
type ForATime = { for?: number };

/** Whether to throw the same error inside a Node target, instead of skipping the case, if there is no namespace. */
type OrSimulated = { simulate: boolean };

/** Fault that the kernel makes, in a network namespace of the run (`descriptors` needs none). */
export type KernelFault =
  /** the peer on `side` cannot be reached from the target */
  | ({ kind: 'unreachable'; side: Side; as: UnreachableAs } & AtAddress & ForATime & OrSimulated)
  /** packets vanish where they arrive (`input`), or already where they leave (`output`: the kernel gives up sooner) */
  | ({ kind: 'timeout'; drop: 'input' | 'output' } & OnSegment & AtAddress & ForATime & OrSimulated)
  /** a firewall answers data with RST; whoever sent the data sees ECONNRESET, the other nothing */
  | ({ kind: 'firewall-reset' } & OnSegment & ForATime & OrSimulated)
  /** the system destroys the target's sockets of that side: ECONNABORTED, and RST for the peer */
  | ({ kind: 'abort'; side: Side } & OrSimulated)
  /** a share (0 to 1) of the packets is dropped */
  | ({ kind: 'loss'; share: number } & OnSegment & ForATime)
  /** packets beyond this many bytes a second are dropped */
  | ({ kind: 'rate'; bytes: number } & OnSegment & ForATime)
  /** this many local ports remain for the target's connects: EADDRNOTAVAIL */
  | ({ kind: 'ports'; left: number } & ForATime & OrSimulated)
  /** this many descriptors remain for the target: EMFILE */
  | ({ kind: 'descriptors'; left: number } & ForATime & OrSimulated)
  /** answer to the target's query for the upstream's name; `delay` is for `slow` */
  | ({ kind: 'dns'; answer: DnsAnswer; delay: number } & ForATime & OrSimulated)
  /** the cable is pulled, seen from the target at its far end */
  | ({ kind: 'cable'; cut: CutCable } & ForATime)
  /** the target's own interface on that side goes down */
  | ({ kind: 'interface'; side: Side } & ForATime)
  /** the cable is pulled and put back `times` times */
  | { kind: 'flap'; cut: CutCable; times: number; down: number; up: number };

/** Error code of the target's socket, if the fault causes one. */
export function errorCodeOf(fault: KernelFault): { code: string; syscall: string } | undefined {
  switch (fault.kind) {
    case 'unreachable':
      return {
        code: { host: 'EHOSTUNREACH', network: 'ENETUNREACH', prohibited: 'EACCES' }[fault.as],
        syscall: 'read',
      };
    case 'timeout':
      return { code: 'ETIMEDOUT', syscall: 'read' };
    case 'firewall-reset':
      return { code: 'ECONNRESET', syscall: 'read' };
    case 'abort':
      return { code: 'ECONNABORTED', syscall: 'read' };
    case 'ports':
      return { code: 'EADDRNOTAVAIL', syscall: 'connect' };
    case 'descriptors':
      return { code: 'EMFILE', syscall: 'connect' };
    case 'dns':
      if (fault.answer === 'slow') return undefined;
      return { code: fault.answer === 'nxdomain' ? 'ENOTFOUND' : 'EAI_AGAIN', syscall: 'getaddrinfo' };
    default:
      return undefined;
  }
}
