import type { Socket } from 'node:net';
import type { Admitted } from '../routing/admission.ts';
import type { Timer } from '../clock/clock.ts';
import type { EarlyData } from './early-data.ts';
import type { Endpoint } from '../proxy-protocol/endpoint.ts';
import type { SideName, TerminationReason } from './termination.ts';

/** One socket of a connection and what is known of its end. */
export type ConnectionSide = {
  readonly name: SideName;
  readonly socket: Socket;
  /** the TCP handshake is done; always so on the incoming side */
  connected: boolean;
  /** the peer's FIN has come, and all bytes before it were taken */
  ended: boolean;
  /** the kernel has taken our last byte and our FIN */
  finished: boolean;
  closed: boolean;
  /** fixed once, by the first cause */
  reason: TerminationReason | undefined;
  /** bytes that the kernel took for the peer, once they can grow no more */
  written: number | undefined;
  graceTimer: Timer | undefined;
  /** tries the next upstream, where the connect of this one fails and there is a next one */
  readonly failOver: (() => void) | undefined;
};

/** One proxied connection. It lives exactly as long as its sockets: from accept until both have emitted 'close'. */
export type ConnectionRecord = {
  readonly id: string;
  /** the client's, as a trusted proxy announces it where there is one before this */
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  /** where the client of a trusted proxy has connected to: the first of a chain */
  announced: Endpoint | undefined;
  /** ms, by the proxy's clock */
  readonly startedAt: number;
  readonly incoming: ConnectionSide;
  /** what it takes up of the limits */
  readonly admitted: Admitted;
  /** the name of its route, once that is known */
  route: string | undefined;
  /** the ClientHello that its route was chosen by: its name, and how many of the first bytes it is */
  clientHello: { length: number; serverName?: string } | undefined;
  /** its upstream is the inner proxy, which terminates TLS */
  bridged: boolean;
  /** tears the inner proxy's end of a bridge down, whatever it is in */
  endBridge: (() => void) | undefined;
  /** stops the clock of the TLS handshake, while it runs */
  stopHandshake: (() => void) | undefined;
  /** why the inner proxy ends it, once it has said so */
  innerEnd: TerminationReason | undefined;
  /** what the client sends until the upstream is connected */
  early: EarlyData | undefined;
  /** absent until the upstream socket is made; only a failed connect puts the next one in its place */
  outgoing: ConnectionSide | undefined;
  /** the side whose FIN came first: the origin of a graceful end, and the mark of a half-open connection */
  firstEnd: SideName | undefined;
  /** both sides' reasons are fixed and the sockets are on their way out */
  ending: boolean;
  /** the connect and handshake clocks, while they run */
  timers: Set<Timer> | undefined;
  /** what the sweep saw last, since when (ms) it has not changed, and when it warned of that */
  activity: { mark: number; since: number; warnedAt?: number };
};

export function createSide(name: SideName, socket: Socket, failOver?: () => void): ConnectionSide {
  return {
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

export function createRecord(id: string, socket: Socket, startedAt: number): ConnectionRecord {
  return {
    id,
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    announced: undefined,
    startedAt,
    incoming: createSide('incoming', socket),
    admitted: { total: false, client: undefined },
    route: undefined,
    clientHello: undefined,
    bridged: false,
    endBridge: undefined,
    stopHandshake: undefined,
    innerEnd: undefined,
    early: undefined,
    outgoing: undefined,
    firstEnd: undefined,
    ending: false,
    timers: undefined,
    activity: { mark: 0, since: startedAt },
  };
}

/** The sides that exist, incoming first. */
export function sidesOf(record: ConnectionRecord): ConnectionSide[] {
  return record.outgoing === undefined ? [record.incoming] : [record.incoming, record.outgoing];
}
