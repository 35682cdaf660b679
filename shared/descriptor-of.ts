import type { Duplex } from 'node:stream';

/** Node's handle of an open socket. Private, and the only way to its descriptor. */
type Handle = { fd?: number };

/** Descriptor of an open socket; -1 without one. */
export function descriptorOf(socket: Duplex): number {
  return (socket as unknown as { _handle?: Handle | null })._handle?.fd ?? -1;
}
