import type { Observation } from '../../journal/entry.ts';
import type { NetworkKind } from '../../lab/network/network.ts';

/** Files that a case is to leave beside its journal. */
export type EvidenceOrder = {
  /** absolute path of its files, without their endings */
  prefix: string;
  /** keep packets and TLS keys */
  capture: boolean;
  /** keep a heap snapshot of a target that has not come back to its baseline */
  heap: boolean;
};

/** Endings of the files, by kind. */
export const ENDINGS = { pcap: '.pcap', keys: '.keys', heapsnapshot: '.heapsnapshot' } as const;

/**
 * Whether the harness captures for its worker. tcpdump gives root away at its start, which cannot be done inside a namespace of one user: root
 * enters the worker's network from outside. Other users cannot do that, and need not.
 */
export function capturesFromOutside(): boolean {
  return process.getuid?.() === 0;
}

/** Entry for packets that a capture has lost; undefined if there are none. */
export function lostPackets(lost: number): Extract<Observation, { type: 'blind' }> | undefined {
  if (lost === 0) return undefined;
  return { type: 'blind', what: `${lost} packets in its capture: they came faster than they were written` };
}

/** Device that sees each packet of a case in the harness's place: with cables all of them, else the loopback, where `any` sees each twice. */
export function deviceOf(network: NetworkKind): string {
  return network === 'single' ? 'lo' : 'any';
}
