import { once } from 'node:events';
import net from 'node:net';

import { reportResetAfterData } from '../../shared/reset-after-data.ts';
import type { Address } from '../../shared/address.ts';
import { type Transport, PLAIN, isOverH2, obliging, speaksH2, speaksHttp } from '../scenario/transport.ts';
import type { Load } from '../scenario/background-load.ts';
import type { PeerFault } from '../scenario/fault.ts';
import type { Step } from '../scenario/step.ts';
import { ActorConnection } from './actor-connection.ts';
import { needsFreezable } from './transports/h2/freezable-stream.ts';
import { serveH2 } from './transports/h2/open-h2.ts';
import { serveHttp } from './transports/http/http-server.ts';
import { acceptTransport, type TransportLab, framed, isPlain } from './transports/open-transport.ts';
import { answerLoad, isOfLoad } from './load/answer-load.ts';
import type { HttpAnswering } from './transports/http/http-peer.ts';
import type { Pipe } from './transports/pipe.ts';
import type { Announced, Ends } from './transports/proxy-header.ts';
import { type Round } from './round.ts';
import { StepFailure } from './round-services.ts';
import { runScript } from './run-script.ts';
import type { Before } from './timeline/connection-timeline.ts';

export type UpstreamOptions = {
  address: Address;
  /** hosts that its name stands for, at the same port; absent: it has no name */
  named?: readonly string[];
  /** second address, which no fault takes away */
  second?: Address;
  transport?: Transport;
  lab: TransportLab;
};

/** Instructions for the upstream on each connection of a round. */
export type ServedRound = {
  round: Round;
  script: readonly Step[];
  /** ms that any step may take */
  deadline: number;
  /** whether the clients send bytes outside the pattern, so that received bytes are not compared with it */
  anyBytes?: boolean;
  /** whether to let every connection of the target succeed, even if the case wants a refusal: warm-up and recovery need it */
  grants?: boolean;
  /** load beside the scripts, whose requests are answered by themselves */
  load?: Load | undefined;
};

/** Accept backlog: a target may open all connections of a case at once. The kernel may allow less. */
const BACKLOG = 65_535;

/**
 * Upstream actor: accepts the connections of the target (or of the link behind it), and runs its script on each; over HTTP on
 * each request.
 */
export class Upstream {
  readonly connections: ActorConnection[] = [];
  readonly address: Address;
  readonly #options: UpstreamOptions;
  readonly #transport: Transport;
  /** sockets of HTTP connections, which outlive their exchanges */
  readonly #sockets = new Set<net.Socket>();
  /** addresses at which it listens: one, or all that its name stands for */
  readonly #everywhere: readonly Address[];
  readonly #servers = new Map<Address, net.Server>();
  #second: net.Server | undefined;
  #round: ServedRound | undefined;
  readonly #scripts = new Set<Promise<void>>();
  #failed: ((error: unknown) => void) | undefined;

  constructor(options: UpstreamOptions) {
    const { address, named = [] } = options;
    this.address = address;
    this.#options = options;
    this.#transport = options.transport ?? PLAIN;
    const hosts = named.length > 0 ? named : [address.host];
    this.#everywhere = hosts.map((host) => ({ host, port: address.port }));
  }

  /** Listens; also again after {@link stopListening}. Rejects with the socket's error if the port is taken. */
  async listen(): Promise<void> {
    const { second } = this.#options;
    for (const address of this.#everywhere) {
      if (!this.#servers.has(address)) this.#servers.set(address, await this.#listenOn(address));
    }
    if (second) this.#second ??= await this.#listenOn(second);
  }

  /**
   * Closes all listeners but the second address: live connections stay, the kernel refuses new ones.
   *
   * @param number closes only the listener at this address, from 1
   */
  stopListening(number?: number): void {
    for (const [index, address] of this.#everywhere.entries()) {
      if (number !== undefined && number !== index + 1) continue;
      this.#servers.get(address)?.close();
      this.#servers.delete(address);
    }
  }

  /** Assigns connections accepted from now on to this round. `failed` is called with errors other than failed steps. */
  serve(served: ServedRound, failed: (error: unknown) => void): void {
    this.#round = served;
    this.#failed = failed;
  }

  /** Resolves when the scripts of all connections accepted so far are done. */
  async scriptsDone(): Promise<void> {
    while (this.#scripts.size > 0) await Promise.all(this.#scripts);
  }

  ofRound(round: number): ActorConnection[] {
    return this.connections.filter((connection) => connection.round.number === round);
  }

  release(): void {
    for (const connection of this.connections) connection.release();
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.stopListening();
    this.#second?.close();
    this.#second = undefined;
    this.release();
  }

  async #listenOn(address: Address): Promise<net.Server> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#accept(reportResetAfterData(socket));
    });
    server.listen({ ...address, backlog: BACKLOG });
    await once(server, 'listening');
    return server;
  }

  #accept(socket: net.Socket): void {
    if (!this.#round) {
      // a readiness check of the target may arrive before the first round
      socket.on('error', () => socket.destroy());
      socket.on('end', () => socket.end());
      socket.resume();
      return;
    }
    const transport = this.#round.grants === true ? obliging(this.#transport) : this.#transport;
    if (speaksHttp(transport) || isOverH2(transport)) return this.#acceptHttp(socket, transport);
    const { answer } = transport;
    const refuses = answer !== undefined;
    const { script } = this.#round;
    const plain = isPlain(transport);
    const connection = this.#begin(socket, plain ? socket : undefined);
    const announce = (ends: Ends | undefined): void => {
      connection.announced = nameOf(ends?.source);
      connection.announcedTo = nameOf(ends?.destination);
    };
    // bytes after a refusal, and unanswered bytes, belong to no script
    if (refuses) connection.takeAnyBytes();
    this.#run(connection, async (deadline) => {
      if (plain) return true;
      const opening = acceptTransport(socket, transport, this.#options.lab, announce, script);
      const stands = await connection.setUp(opening, deadline);
      if (stands && refuses && answer !== 'never') connection.halfClose();
      return stands && !refuses;
    });
  }

  #acceptHttp(socket: net.Socket, transport: Transport): void {
    const opened = performance.now();
    // each exchange adds listeners
    socket.setMaxListeners(0);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    let announced: Ends | undefined;
    let hasHeader = false;
    // between two exchanges the end of a connection concerns nobody
    socket.on('error', () => undefined);
    const announce = (ends: Ends | undefined): void => {
      announced = ends;
      hasHeader = true;
    };
    acceptTransport(socket, transport, this.#options.lab, announce, this.#round?.script).then(
      (stream) => {
        const established = performance.now();
        let isFirst = true;
        const begin = (pipe: Pipe): void => {
          // a later exchange begins its life with its own head
          const now = performance.now();
          const moments = isFirst ? { opened, established } : { opened: now, established: now };
          isFirst = false;
          const connection = this.#begin(socket, pipe, { ...moments, stream });
          if (hasHeader) connection.announced = nameOf(announced?.source);
          if (hasHeader) connection.announcedTo = nameOf(announced?.destination);
          this.#run(connection, () => Promise.resolve(true));
        };
        const onExchange = (exchange: HttpAnswering): void => {
          const { load } = this.#current;
          if (load !== undefined && isOfLoad(exchange)) answerLoad(exchange, load);
          else begin(exchange);
        };
        if (!isOverH2(transport)) {
          serveHttp(stream, onExchange);
          return;
        }
        const options = {
          freezes: needsFreezable(this.#current.script),
          connects: transport.connectProtocol !== false,
        };
        const onWebSocket = (tunnel: Pipe): void => {
          begin(framed(tunnel, transport, { isClient: false, script: this.#current.script }));
        };
        serveH2(stream, options, { onExchange, onWebSocket: speaksH2(transport) ? undefined : onWebSocket });
      },
      // a connection without a request is no exchange; its client reports what it saw
      () => socket.destroy(),
    );
  }

  /** Does to the connections that serve a load what a fault does to those of the scripts. */
  actOnLoad(kind: PeerFault): void {
    if (this.#current.load === undefined) return;
    for (const socket of this.#sockets) {
      if (kind === 'reset') socket.resetAndDestroy();
      else if (kind === 'abandon') socket.destroy();
      else if (kind === 'stall') socket.pause();
      else socket.end();
    }
  }

  #begin(socket: net.Socket, pipe: Pipe | undefined, before?: Before): ActorConnection {
    const { round, anyBytes = false } = this.#current;
    const connection = new ActorConnection('upstream', round.established++, socket, round, {
      pipe,
      before,
    });
    if (anyBytes) connection.takeAnyBytes();
    this.connections.push(connection);
    round.changed();
    return connection;
  }

  get #current(): ServedRound {
    if (!this.#round) throw new Error('the upstream serves no round yet');
    return this.#round;
  }

  #run(connection: ActorConnection, setUp: (deadline: number) => Promise<boolean>): void {
    const { round, script, deadline } = this.#current;
    const run = async (): Promise<void> => {
      try {
        if (!(await setUp(deadline))) return;
      } catch (error) {
        if (connection.isTakenOver) return;
        if (!(error instanceof StepFailure)) throw error;
        connection.failure = { step: 'accept', index: 0, message: error.message };
        connection.timeline?.note('error');
        return;
      }
      await runScript(connection, script, deadline);
    };
    const done = run()
      .catch((error: unknown) => {
        if (!round.signal.aborted) this.#failed?.(error);
      })
      .finally(() => this.#scripts.delete(done));
    this.#scripts.add(done);
  }
}

const nameOf = (source: Announced | undefined): string =>
  source === undefined ? 'nobody' : `${source.address}:${source.port}`;
