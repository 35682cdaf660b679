import net from 'node:net';

import { reportResetAfterData } from '../../shared/reset-after-data.ts';
import type { Address } from '../../shared/address.ts';
import { concurrently } from '../../shared/concurrently.ts';
import { type Transport, isOverH2, refineTransport } from '../scenario/transport.ts';
import { sampleOver, type SampleRequest } from '../scenario/sample-request.ts';
import type { LoadSeen } from '../journal/load-seen.ts';
import type { Load } from '../scenario/background-load.ts';
import type { ClientGroup } from '../scenario/case.ts';
import type { PeerFault } from '../scenario/fault.ts';
import { AcceptRoom } from './accept-room.ts';
import { ActorConnection } from './actor-connection.ts';
import { type TransportLab, isPlain, openTransport } from './transports/open-transport.ts';
import { type Round } from './round.ts';
import { StepFailure } from './round-services.ts';
import { runScript } from './run-script.ts';
import { type LoadRun, loadRun, type LoadTimes } from './load/open-load.ts';
import { type ScriptSocket, SharedSockets } from './sharing/shared-sockets.ts';

/** Options of a client's connections. */
export type ClientOptions = {
  /** address of the target, or of the link before it */
  address: Address;
  transport: Transport;
  lab: TransportLab;
  /** whether the target is a server by itself, whose answers are its own bytes */
  server: boolean;
  /** request that `ask` sends */
  sample: SampleRequest;
  /** returns the connections that wait for the target to accept them */
  pending: () => number;
  /** whether clients are seen by their own addresses, which are then recorded; a link hides them */
  notesSource: boolean;
};

type ScriptOptions = {
  deadline: number;
  anyBytes: boolean;
  transport: Transport;
  getSocket: () => Promise<ScriptSocket>;
};

/** Client actor: opens connections to the target (or to the link before it) and runs its scripts on them. */
export class Client {
  readonly connections: ActorConnection[] = [];
  readonly #options: ClientOptions;
  readonly #room: AcceptRoom;
  #load: LoadRun | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#room = new AcceptRoom(options.pending);
  }

  /**
   * Runs the scripts of all client groups at once, each `concurrent` at a time; resolves when all are done.
   *
   * @param options ms that any step may take, and whether the upstream sends bytes outside the pattern
   */
  async run(
    round: Round,
    groups: readonly ClientGroup[],
    { deadline, anyBytes }: { deadline: number; anyBytes: boolean },
  ): Promise<void> {
    let number = 0;
    const runs = groups.map((group) => {
      const numbers = Array.from({ length: group.count }, () => number++);
      const transport = refineTransport(this.#options.transport, group.over);
      const sockets = new SharedSockets(group, isOverH2(transport));
      const first = numbers[0] ?? 0;
      return concurrently(group.concurrent, numbers, async (one) => {
        const getSocket = (): Promise<ScriptSocket> =>
          sockets.get(one - first, () => this.#connect(round, group));
        await this.#one(round, one, group, { deadline, anyBytes, transport, getSocket });
        round.finished++;
        round.changed();
      });
    });
    await Promise.all(runs);
  }

  /** Runs a load beside the scripts; resolves with what became of its requests. */
  load(load: Load, times: LoadTimes): Promise<LoadSeen> {
    this.#load = loadRun(load, this.#options, times);
    return this.#load.run();
  }

  /** Does to the connections of the load what a fault does to those of the scripts. */
  actOnLoad(kind: PeerFault): void {
    this.#load?.act(kind);
  }

  /** Connections of one round, in the order in which they were opened. */
  ofRound(round: number): ActorConnection[] {
    return this.connections.filter((connection) => connection.round.number === round);
  }

  release(): void {
    for (const connection of this.connections) connection.release();
  }

  async #connect(round: Round, group: ClientGroup): Promise<net.Socket> {
    round.signal.throwIfAborted();
    const leaveRoom = await this.#room.enter(round.signal);
    round.signal.throwIfAborted();
    const own = group.from === undefined ? {} : { localAddress: group.from };
    const socket = reportResetAfterData(
      net.connect({ ...this.#options.address, allowHalfOpen: true, noDelay: true, ...own }),
    );
    // each script that shares it adds listeners
    if (group.streams !== undefined) socket.setMaxListeners(0);
    return socket.once('close', leaveRoom).once('connect', leaveRoom);
  }

  async #one(
    round: Round,
    number: number,
    group: ClientGroup,
    { deadline, anyBytes, transport, getSocket }: ScriptOptions,
  ): Promise<void> {
    const { lab, server, sample } = this.#options;
    const { socket, scripts } = await getSocket();
    const connection = new ActorConnection('client', number, socket, round, {
      pipe: isPlain(transport) ? socket : undefined,
    });
    if (server || anyBytes) connection.takeAnyBytes();
    this.connections.push(connection);
    // one that shares its connection may find it established, or gone
    let connected = false;
    const onConnect = (): void => {
      connected = true;
      connection.notePorts();
      if (isPlain(transport)) connection.timeline?.note('established');
      if (this.#options.notesSource) noteAddresses(connection, socket, transport);
      round.opened++;
      round.changed();
    };
    if (socket.connecting) socket.once('connect', onConnect);
    else onConnect();
    try {
      await round.until('open', () => connected || connection.seen !== 'none', deadline, connection.signal);
      if (!connected) return;
      if (!isPlain(transport)) {
        const pipe = openTransport(socket, transport, lab, group.script, { server, scripts });
        if (!(await connection.setUp(pipe, deadline))) {
          // a client that was refused by an answer has nothing to wait for: a proxy may leave the end to its client
          // over HTTP/2 it has left the connection already
          if (isRefusal(connection.seen) && !isOverH2(transport)) connection.halfClose();
          return;
        }
      }
    } catch (error) {
      if (connection.isTakenOver) return;
      if (!(error instanceof StepFailure)) throw error;
      connection.failure = { step: 'open', index: 0, message: error.message };
      connection.timeline?.note('error', { step: 0 });
      return;
    }
    connection.timeline?.note('step', { step: 0 });
    await runScript(connection, group.script, deadline, {
      from: 1,
      sample: sampleOver(transport, sample),
    });
  }
}

/** Records the addresses by which the target must know the client; a PROXY header may name another source. */
function noteAddresses(connection: ActorConnection, socket: net.Socket, { header }: Transport): void {
  connection.source = `${header?.source ?? socket.localAddress}:${socket.localPort}`;
  connection.destination = `${socket.remoteAddress}:${socket.remotePort}`;
}

/** Whether the peer refused with an HTTP status or a SOCKS reply, rather than by ending the connection. */
const isRefusal = (seen: string): boolean => /^(?:\d{3}|socks-\d+)$/.test(seen);
