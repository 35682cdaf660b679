/**
 * Destroyed sockets that something still keeps.
 */
import type net from 'node:net';
import type { Census } from './census.ts';
import { turn, type Inspection } from '../base/inspection.ts';
import { originOfSocket } from './live-sockets.ts';

/** Those of a heap walk, weakly. Their stacks are read: an unread one keeps what was on it alive. */
export function spentSockets({ sockets }: Census): WeakRef<net.Socket>[] {
  return sockets.flatMap((socket) => {
    // a socket that was never used is neither open nor spent
    if (!socket.destroyed) return [];
    originOfSocket(socket);
    return [new WeakRef(socket)];
  });
}

/** Stacks read by now and finished callbacks have let go of some: those are kept by nobody. */
export async function survivors(
  inspection: Inspection,
  spent: readonly WeakRef<net.Socket>[],
): Promise<net.Socket[]> {
  await turn();
  inspection.collectGarbage();
  await turn();
  return spent.flatMap((reference) => reference.deref() ?? []);
}
