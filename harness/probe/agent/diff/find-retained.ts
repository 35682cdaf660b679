/**
 * Finds destroyed sockets that are still reachable through the target's code.
 */
import type net from 'node:net';
import { suspectFingerprint, type Found } from './found.ts';
import { describeSocket, direction, originOfSocket } from '../census/live-sockets.ts';
import type { Suspect } from '../../protocol.ts';
import type { Kept, Retainer } from '../snapshot/snapshot-query.ts';

const LINES = 6;
const SOCKETS_OF_CONNECTION = 2;

/** Finds retained sockets. Those held by another suspect count there as `alsoRetains` and become its dependents; others are own suspects. */
export function findRetained(
  sockets: readonly net.Socket[],
  retainer: Retainer,
  found: readonly Found[],
): Map<net.Socket, Found> {
  const causes = new Map<number, Found>();
  for (const one of found) {
    for (const cause of one.causes) {
      const node = retainer.nodeOf(cause);
      if (node !== undefined) causes.set(node, one);
    }
  }
  const isOwnEntry = ownEntries(sockets, retainer);
  const retained = new Map<net.Socket, Found>();
  const held = new Map<string, Suspect>();
  for (const socket of sockets) {
    const kept = retainer.kept(socket);
    if (!kept) continue;
    const cause = kept.through.map((node) => causes.get(node)).find((one) => one !== undefined);
    if (cause) {
      cause.suspect.alsoRetains = (cause.suspect.alsoRetains ?? 0) + 1;
      const key = `${direction(socket)} ${cause.suspect.fingerprint}`;
      const one = held.get(key) ?? heldBy(cause.suspect, socket, () => retainer.retainers(kept).path);
      held.set(key, one);
      retained.set(socket, { suspect: { ...one }, causes: [] });
      continue;
    }
    const retainers = retainer.retainers(kept, isOwnEntry(kept));
    const where = retainers.where.length > 0 ? retainers.where : originOfSocket(socket);
    retained.set(socket, {
      suspect: {
        resource: 'retained-socket',
        fingerprint: suspectFingerprint(
          'retained-socket',
          where.length > 0 ? direction(socket) : `${direction(socket)} ${retainers.path}`,
          where.slice(0, 1),
        ),
        count: 1,
        // a program may well remember its last connection
        rule: 'growth',
        where: where.slice(0, LINES),
        sample: describeSocket(socket),
        path: retainers.path,
      },
      causes: [],
    });
  }
  return retained;
}

/**
 * Tells whether the first function on the path that keeps a socket belongs to its connection alone: then there are as many such
 * functions as connections, of at most two sockets each.
 */
function ownEntries(sockets: readonly net.Socket[], retainer: Retainer): (kept: Kept) => boolean {
  const counts = new Map<number, number>();
  for (const socket of sockets) {
    const kept = retainer.kept(socket);
    if (!kept) continue;
    const entry = retainer.entryOf(kept);
    counts.set(entry, (counts.get(entry) ?? 0) + 1);
  }
  const isEnough = counts.size > 2;
  return (kept) => isEnough && (counts.get(retainer.entryOf(kept)) ?? 0) <= SOCKETS_OF_CONNECTION;
}

/** Suspect for a socket that another suspect holds. The path is expensive, so one is computed for all similar sockets. */
function heldBy({ fingerprint: holder, where }: Suspect, socket: net.Socket, path: () => string): Suspect {
  return {
    resource: 'retained-socket',
    fingerprint: suspectFingerprint('retained-socket', `${direction(socket)} held by ${holder}`, []),
    count: 1,
    rule: 'growth',
    where: where.slice(0, LINES),
    sample: describeSocket(socket),
    path: path(),
    heldBy: holder,
  };
}
