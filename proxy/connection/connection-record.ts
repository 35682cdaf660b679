import type { Socket } from 'node:net';
import type { Admitted } from '../routing/admission.ts';
import type { Timer } from '../clock/clock.ts';
import type { Deadline } from '../clock/deadlines.ts';
import type { Bridged } from '../tls/bridge.ts';
import { peerAddress } from '../listening/peer-address.ts';
import type { Requests } from './requests.ts';
import type { Endpoint } from '../proxy-protocol/endpoint.ts';
import type { SideName, TerminationReason } from './termination.ts';

/** Socket of one side of a connection, with the state of its end. */
export type ConnectionSide = {
  readonly record: ConnectionRecord;
  readonly name: SideName;
  readonly socket: Socket;
  /** whether the TCP handshake is done; always true on the incoming side, and set by who connects the other one */
  connected: boolean;
  /** whether the peer's FIN has come and all bytes before it were read */
  ended: boolean;
  /** whether the kernel has taken our last byte and our FIN */
  finished: boolean;
  closed: boolean;
  /** reason of this side's end; set once, by the first cause */
  reason: TerminationReason | undefined;
  /** bytes that the kernel took for the peer; set once no more can be written */
  written: number | undefined;
  graceTimer: Timer | undefined;
  /** connects to the next upstream when this connect fails; undefined without a next one */
  readonly failOver: (() => void) | undefined;
};

/**
 * Record as long as it is kept. The table of records has this and not the record, since old tables of V8 keep what they had alive (see
 * deadlines.ts).
 */
export type Kept = { record: ConnectionRecord | undefined };

/** State of a proxied connection. It lives exactly as long as its sockets: from accept until both have emitted 'close'. */
export type ConnectionRecord = {
  readonly id: string;
  /** the record's entry in its table, emptied when it is removed */
  readonly kept: Kept;
  /** client's address, as announced by a trusted proxy if there is one in front */
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  /** address to which the client of a trusted proxy connected: the first proxy of the chain */
  announced: Endpoint | undefined;
  /** time of the accept, in ms of the proxy's clock */
  readonly startedAt: number;
  readonly incoming: ConnectionSide;
  /** slots of the limits that this connection occupies */
  readonly admitted: Admitted;
  /** name of the route, once chosen */
  route: string | undefined;
  /** ClientHello by which the route was chosen: its server name, and its length among the first bytes */
  clientHello: { length: number; serverName?: string } | undefined;
  /** whether the inner proxy, which ends TLS on the client's own socket, has the place of the upstream */
  bridged: boolean;
  /** ends whatever the inner proxy has under way */
  endBridge: (() => void) | undefined;
  /** lets the inner proxy end the connection after what is under way on it; false if that is nothing */
  drainBridge: (() => boolean) | undefined;
  /** stops the timer of the TLS handshake while it runs */
  stopHandshake: (() => void) | undefined;
  /** reason why the inner proxy ends the connection, once it has given one */
  innerEnd: TerminationReason | undefined;
  /** copies the client's bytes to the upstream, and holds those that come before it is connected; none once TLS has the socket */
  requests: Requests | undefined;
  /** upstream side; absent until its socket is created, and replaced only after a failed connect */
  outgoing: ConnectionSide | undefined;
  /** side whose FIN came first: the origin of a graceful end, and the sign of a half-open connection */
  firstEnd: SideName | undefined;
  /** whether both reasons are set and the sockets are closing */
  ending: boolean;
  /** timers of connect and handshake while they run */
  timers: Timer[] | undefined;
  /** deadlines of its lifetime and of its first bytes, where they have limits */
  lifetime: Deadline<ConnectionRecord> | undefined;
  firstBytes: Deadline<ConnectionRecord> | undefined;
  /** byte count at the last sweep, the time (ms) since when it has not changed, and the time of the warning */
  activity: { mark: number; since: number; warnedAt?: number };
};

export function createSide(
  record: ConnectionRecord,
  name: SideName,
  socket: Socket,
  failOver?: () => void,
): ConnectionSide {
  return {
    record,
    name,
    socket,
    connected: name === 'incoming',
    ended: false,
    finished: false,
    closed: false,
    reason: undefined,
    written: undefined,
    graceTimer: undefined,
    failOver,
  };
}

/** Gives the inner proxy the outgoing side: it has taken the client's socket. */
export function takeOver(record: ConnectionRecord, bridged: Bridged): Bridged {
  record.outgoing = createSide(record, 'outgoing', bridged.tls);
  record.outgoing.connected = true;
  record.endBridge = () => bridged.end();
  record.drainBridge = () => bridged.drain();
  return bridged;
}

/** Whether TLS has taken the socket of a client over: it tells the ends of both sides, and sends our FIN. */
export function isTakenOver({ bridged, outgoing }: ConnectionRecord): boolean {
  return bridged && outgoing !== undefined;
}

export function createRecord(id: string, socket: Socket, startedAt: number): ConnectionRecord {
  const kept: Kept = { record: undefined };
  const { address, port } = peerAddress(socket);
  const draft: Omit<ConnectionRecord, 'incoming'> & { incoming: ConnectionSide | undefined } = {
    id,
    kept,
    remoteAddress: address,
    remotePort: port,
    announced: undefined,
    startedAt,
    incoming: undefined,
    admitted: { total: false, client: undefined },
    route: undefined,
    clientHello: undefined,
    bridged: false,
    endBridge: undefined,
    drainBridge: undefined,
    stopHandshake: undefined,
    innerEnd: undefined,
    requests: undefined,
    outgoing: undefined,
    firstEnd: undefined,
    ending: false,
    timers: undefined,
    lifetime: undefined,
    firstBytes: undefined,
    activity: { mark: 0, since: startedAt },
  };
  // the two know each other
  const record = draft as ConnectionRecord;
  draft.incoming = createSide(record, 'incoming', socket);
  kept.record = record;
  return record;
}

/** Sides that exist, incoming first. */
export function sidesOf(record: ConnectionRecord): ConnectionSide[] {
  return record.outgoing === undefined ? [record.incoming] : [record.incoming, record.outgoing];
}

/** Whether a condition holds for all sides that exist. */
export function everySide(record: ConnectionRecord, holds: (side: ConnectionSide) => boolean): boolean {
  return holds(record.incoming) && (record.outgoing === undefined || holds(record.outgoing));
}

/** Whether both FINs have gone through and no byte waits. */
export const isExchanged = (side: ConnectionSide): boolean => side.ended && side.finished;
export const isClosed = (side: ConnectionSide): boolean => side.closed;

/** Records that are still kept. */
export function* recordsOf(kept: Iterable<Kept>): Iterable<ConnectionRecord> {
  for (const { record } of kept) if (record !== undefined) yield record;
}

/** Whether a side still is the record's: an upstream whose connect failed is not, once the next one is tried. */
export function isPart(side: ConnectionSide): boolean {
  const { record } = side;
  return side === record.incoming || side === record.outgoing;
}

/** Drops a timer that is over. */
export function forgetTimer(record: ConnectionRecord, timer: Timer): void {
  const { timers = [] } = record;
  const at = timers.indexOf(timer);
  if (at >= 0) timers.splice(at, 1);
  // most of a connection's life it has none
  if (timers.length === 0) record.timers = undefined;
}
