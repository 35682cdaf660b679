import type { ConnectionRecord, ConnectionSide } from './connection-record.ts';

/** Bytes that the kernel took for this side's peer. Node's `bytesWritten` also counts what is still queued. */
export function bytesWritten(side: ConnectionSide): number {
  return side.written ?? side.socket.bytesWritten - side.socket.writableLength;
}

/**
 * Fixes the count before the socket is torn down: when a destroyed socket closes, Node drops the write in flight from
 * `writableLength` but keeps it in `bytesWritten`, as if it had been sent.
 */
export function freezeBytesWritten(side: ConnectionSide): void {
  side.written ??= bytesWritten(side);
}

/** Number that changes whenever a byte is read from or really written to either peer. */
export function activityMark(record: ConnectionRecord): number {
  const { incoming, outgoing } = record;
  const ofIncoming = incoming.socket.bytesRead + bytesWritten(incoming);
  return outgoing === undefined
    ? ofIncoming
    : ofIncoming + outgoing.socket.bytesRead + bytesWritten(outgoing);
}

/** Whether any byte has come from the client or the upstream. */
export function hasReceived(record: ConnectionRecord): boolean {
  return record.incoming.socket.bytesRead > 0 || (record.outgoing?.socket.bytesRead ?? 0) > 0;
}
