import type { Clock } from '../clock/clock.ts';
import { isTakenOver } from './connection-record.ts';
import type { ConnectionSide } from './connection-record.ts';
import type { RunStep } from '../observe/guarded-steps.ts';
import { freezeBytesWritten } from './transferred-bytes.ts';

/**
 * Closes a socket gracefully: sends what is queued, then our FIN; discards the peer's bytes until its FIN arrives; destroys
 * the socket if it is still open after `grace` ms, which also bounds a peer that ignores our FIN.
 */
export function endSocket(
  id: string,
  side: ConnectionSide,
  clock: Clock,
  grace: number,
  step: RunStep,
): void {
  const { socket } = side;
  // once both FINs are exchanged the socket closes by itself
  if (socket.destroyed || (side.ended && side.finished)) return;
  // nobody to send a FIN to while the connect is under way; end() would wait for it
  if (!side.connected) return destroySocket(id, side, step);
  const ended = step(id, `end ${side.name}`, () => {
    // TLS does both itself
    if (isTakenOver(side.record)) return;
    socket.end();
    // a paused socket never reads its peer's FIN and so never closes
    socket.resume();
  });
  if (!ended) return destroySocket(id, side, step);
  side.graceTimer = clock.setTimeout(() => destroySocket(id, side, step), grace);
}

/** Destroys a socket at once. Its 'close' event does the rest. */
export function destroySocket(id: string, side: ConnectionSide, step: RunStep): void {
  step(id, `count ${side.name}`, () => freezeBytesWritten(side));
  step(id, `destroy ${side.name}`, () => side.socket.destroy());
}
