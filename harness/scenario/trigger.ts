import type { FIDELITIES } from '../fidelities.ts';

/** Actors on the two sides of a target. */
export type Side = 'client' | 'upstream';

/** Sockets of a proxied connection inside a target: client→target and target→upstream. */
export type SocketSide = 'incoming' | 'outgoing';

export const FAMILIES = ['ipv4', 'ipv6'] as const;

/** IP version. */
export type Family = (typeof FAMILIES)[number];

/** Closeness of a fault to reality; `kernel` is the closest. */
export type Fidelity = (typeof FIDELITIES)[number];

export type Count = number | 'all';

/** Moment at which a fault is applied. `connect`: before the first connection of the round. */
export type Trigger =
  | { at: 'connect' }
  /** both actors together have received N bytes in this round */
  | { at: 'bytes'; bytes: number }
  /** N client connects have succeeded in this round */
  | { at: 'opened'; count: Count }
  /** N connects of the target to the upstream have no answer yet */
  | { at: 'connecting'; count: Count }
  /** the target publishes N records */
  | { at: 'records'; count: Count }
  /** the upstream has accepted N connections in this round */
  | { at: 'established'; count: Count }
  /** N connections have been half-closed in this round */
  | { at: 'half-closed'; count: Count }
  /** N clients are at a step `wait: faulted` */
  | { at: 'waiting'; count: Count };

/** Direction in which bytes flow through a link. */
export type Direction = 'to-upstream' | 'to-client';
