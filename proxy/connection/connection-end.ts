import { prettyMs } from '../../shared/vendor/pretty-ms.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { TerminationReason } from './termination.ts';
import { bytesWritten } from './transferred-bytes.ts';

/** All that is said of a connection when it has ended: the log line and the diagnostics message. */
export type ConnectionEnd = {
  id: string;
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  /** absent when it ended before a route was chosen */
  route?: string;
  incoming: TerminationReason;
  /** absent when no upstream socket was ever made */
  outgoing?: TerminationReason;
  /** for people: `1.2s` */
  duration: string;
  durationMs: number;
  /** read from the client */
  bytesIn: number;
  /** written to the client: what the kernel took, not what was queued */
  bytesOut: number;
  /** read from the upstream; absent without one, as is the next */
  upstreamBytesIn?: number;
  /** written to the upstream: what the kernel took */
  upstreamBytesOut?: number;
};

/** Sums up a record whose sockets have closed. */
export function summarizeEnd(record: ConnectionRecord, endedAt: number): ConnectionEnd {
  const { incoming, outgoing } = record;
  const durationMs = Math.round(endedAt - record.startedAt);
  const end: ConnectionEnd = {
    id: record.id,
    remoteAddress: record.remoteAddress,
    remotePort: record.remotePort,
    ...(record.route !== undefined && { route: record.route }),
    incoming: incoming.reason ?? 'error',
    duration: prettyMs(durationMs),
    durationMs,
    bytesIn: incoming.socket.bytesRead,
    bytesOut: bytesWritten(incoming),
  };
  if (outgoing !== undefined) {
    end.outgoing = outgoing.reason ?? 'error';
    end.upstreamBytesIn = outgoing.socket.bytesRead;
    end.upstreamBytesOut = bytesWritten(outgoing);
  }
  return end;
}
