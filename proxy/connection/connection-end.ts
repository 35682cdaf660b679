import { prettyMs } from '../../shared/vendor/pretty-ms.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { TerminationReason } from './termination.ts';
import { bytesWritten } from './transferred-bytes.ts';

/** Facts about an ended connection, for the log line and the diagnostics message. */
export type ConnectionEnd = {
  id: string;
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  /** undefined if the connection ended before a route was chosen */
  route: string | undefined;
  incoming: TerminationReason;
  /** absent if no upstream socket was ever created */
  outgoing?: TerminationReason;
  /** duration for people: `1.2s` */
  duration: string;
  durationMs: number;
  /** bytes read from the client */
  bytesIn: number;
  /** bytes written to the client: accepted by the kernel, not merely queued */
  bytesOut: number;
  /** bytes read from the upstream; absent if there was none */
  upstreamBytesIn?: number;
  /** bytes written to the upstream and accepted by the kernel; absent if there was none */
  upstreamBytesOut?: number;
};

/** The same without the text, which costs as much as all the rest, and is not needed where a line is only counted. */
export type EndFigures = Omit<ConnectionEnd, 'duration'>;

/** Adds the text. */
export function describeEnd(figures: EndFigures): ConnectionEnd {
  return { ...figures, duration: prettyMs(figures.durationMs) };
}

/** Sums up the record of a connection whose sockets have closed. */
export function summarizeEnd(record: ConnectionRecord, endedAt: number): EndFigures {
  const { incoming, outgoing } = record;
  const durationMs = Math.round(endedAt - record.startedAt);
  const end: EndFigures = {
    id: record.id,
    remoteAddress: record.remoteAddress,
    remotePort: record.remotePort,
    route: record.route,
    incoming: incoming.reason ?? 'error',
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
