import type { Clock } from '../clock/clock.ts';
import { isTakenOver } from './connection-record.ts';
import type { ConnectionRecord, ConnectionSide } from './connection-record.ts';
import type { RunStep } from '../observe/guarded-steps.ts';
import { freezeBytesWritten } from './transferred-bytes.ts';

/**
 * Passes the FIN of a side's peer on to the other side, unless that is connected only later, TLS does it, or the connection is ending. Where
 * the other peer has sent its own and the kernel has all our bytes, the close sends it: a shutdown before would be a system call, a
 * request and an event more.
 */
export function passEnd(record: ConnectionRecord, { name }: ConnectionSide): void {
  const other = name === 'incoming' ? record.outgoing : record.incoming;
  if (other?.connected !== true || record.bridged || record.ending) return;
  const { socket } = other;
  // a write that has just failed waits for nothing, and its error is on its way
  const isTaken = socket.writableLength === 0 && socket.errored === null;
  if (!other.ended || !isTaken) return void socket.end();
  other.finished = true;
  freezeBytesWritten(other);
  socket.destroy();
}

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
