/**
 * Destroyed sockets that are still in the heap. Whether the target's code keeps them is told in `snapshot/retention.ts`, and reported by
 * `diff/find-retained.ts`.
 */
import type net from 'node:net';
import type { Census } from './census.ts';
import { turn, type Inspection } from '../base/inspection.ts';
import { originOfSocket } from './live-sockets.ts';
import { forgetCensus } from './shared-census.ts';

/** Weak references to the destroyed sockets of a heap walk. Their stacks are read, since an unread stack keeps objects alive. */
export function destroyedSockets({ sockets }: Census): WeakRef<net.Socket>[] {
  return sockets.flatMap((socket) => {
    // a socket that was never used is neither open nor destroyed
    if (!socket.destroyed) return [];
    originOfSocket(socket);
    return [new WeakRef(socket)];
  });
}

/** Sockets that remain after stacks were read and callbacks finished, which may have released some. */
export async function survivors(
  inspection: Inspection,
  destroyed: readonly WeakRef<net.Socket>[],
): Promise<net.Socket[]> {
  await turn();
  forgetCensus();
  inspection.collectGarbage();
  await turn();
  return destroyed.flatMap((reference) => reference.deref() ?? []);
}
