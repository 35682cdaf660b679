import type { Direction, Side } from './trigger.ts';

/** Why a host cannot be reached: EHOSTUNREACH, ENETUNREACH, EACCES. */
export const UNREACHABLE_AS = ['host', 'network', 'prohibited'] as const;
export type UnreachableAs = (typeof UNREACHABLE_AS)[number];

/**
 * What the name server says: the name does not exist (ENOTFOUND), the server failed, is not there, or never answers (EAI_AGAIN);
 * `slow`: the right answer, late.
 */
export const DNS_ANSWERS = ['nxdomain', 'servfail', 'refused', 'silent', 'slow'] as const;
export type DnsAnswer = (typeof DNS_ANSWERS)[number];

/** `router`: the uplink of the router that stands between target and upstream. */
export const CABLES = ['client', 'upstream', 'router'] as const;
export type CutCable = (typeof CABLES)[number];

/** What happens to packets between the target and its peer on one side; without a direction, both ways. */
type OnSegment = { side: Side; direction?: Direction };

/** One of the upstream's addresses, from 1, where it has several; without it, all. */
type AtAddress = { address?: number };

/** ms after which the fault is healed by itself; without it, at the end of the round. */
type ForATime = { for?: number };

/** Where there is no namespace to do it in: throw the same error inside a Node target instead of leaving the case out. */
type OrSimulated = { simulate: boolean };

/** Faults that the kernel itself makes, in a network namespace of the run's own (`descriptors` needs none). */
export type KernelFault =
  /** the peer on `side` cannot be reached from the target */
  | ({ kind: 'unreachable'; side: Side; as: UnreachableAs } & AtAddress & ForATime & OrSimulated)
  /** packets vanish where they arrive (`input`), or already where they leave (`output`: the kernel gives up sooner) */
  | ({ kind: 'timeout'; drop: 'input' | 'output' } & OnSegment & AtAddress & ForATime & OrSimulated)
  /** a firewall answers data with RST; whoever sent the data sees ECONNRESET, the other nothing */
  | ({ kind: 'firewall-reset' } & OnSegment & ForATime & OrSimulated)
  /** the system takes the target's sockets of that side away: ECONNABORTED, and RST for the peer */
  | ({ kind: 'abort'; side: Side } & OrSimulated)
  /** a share (0 to 1) of the packets vanishes */
  | ({ kind: 'loss'; share: number } & OnSegment & ForATime)
  /** packets beyond so many bytes a second vanish */
  | ({ kind: 'rate'; bytes: number } & OnSegment & ForATime)
  /** so many local ports are left for the target's connects: EADDRNOTAVAIL */
  | ({ kind: 'ports'; left: number } & ForATime & OrSimulated)
  /** so many descriptors are left for the target: EMFILE */
  | ({ kind: 'descriptors'; left: number } & ForATime & OrSimulated)
  /** what the target hears when it asks for the upstream's name; `delay` is for `slow` */
  | ({ kind: 'dns'; answer: DnsAnswer; delay: number } & ForATime & OrSimulated)
  /** the cable is pulled, seen from the target at its far end */
  | ({ kind: 'cable'; cut: CutCable } & ForATime)
  /** the target's own interface on that side goes down */
  | ({ kind: 'interface'; side: Side } & ForATime)
  /** the cable is pulled and put back `times` times */
  | { kind: 'flap'; cut: CutCable; times: number; down: number; up: number };

/** The code that the target's socket gets, where a fault stands for one. */
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
