import type { Clock } from '../clock/clock.ts';
import type { ConnectionSide } from './connection-record.ts';
import type { RunStep } from './guarded-steps.ts';
import { freezeBytesWritten } from './transferred-bytes.ts';

/**
 * Lets a socket go: what is queued is still sent, then our FIN; the peer's bytes are thrown away until its FIN comes; what
 * is still open after `grace` ms is destroyed. A peer that ignores our FIN is bounded by that, too.
 */
export function endSocket(
  id: string,
  side: ConnectionSide,
  clock: Clock,
  grace: number,
  step: RunStep,
): void {
  const { socket } = side;
  // with both FINs exchanged it closes by itself
  if (socket.destroyed || (side.ended && side.finished)) return;
  step(id, `unpipe ${side.name}`, () => socket.unpipe());
  // a connect under way has nobody to say goodbye to: end() would wait for it
  if (!side.connected) return destroySocket(id, side, step);
  const ended = step(id, `end ${side.name}`, () => {
    socket.end();
    // a paused socket never reads its peer's FIN, and never closes
    socket.resume();
  });
  if (!ended) return destroySocket(id, side, step);
  side.graceTimer = clock.setTimeout(() => destroySocket(id, side, step), grace);
}

/** Tears a socket down at once. Its 'close' event does the rest. */
export function destroySocket(id: string, side: ConnectionSide, step: RunStep): void {
  step(id, `count ${side.name}`, () => freezeBytesWritten(side));
  step(id, `destroy ${side.name}`, () => side.socket.destroy());
}
