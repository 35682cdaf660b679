import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { plainAddress } from '../routing/admission.ts';
import type { Address } from '../../shared/address.ts';
import type { ConnectionManager } from './connection-manager.ts';
import type { ConnectionRecord } from './connection-record.ts';
import { factsOf, publish } from '../observe/diagnostics.ts';
import type { ProxyLogger } from '../observe/logger.ts';
import type { Endpoint, ProxiedConnection } from '../proxy-protocol/endpoint.ts';
import { writeHeader } from '../proxy-protocol/write-header.ts';
import type { ActiveRoute } from '../routing/active-route.ts';
import { Replies } from './replies.ts';
import type { Limits } from '../limits/limits.ts';
import { connectOptions } from '../listening/connect-options.ts';
import { socketOptions } from '../listening/socket-options.ts';
import { watchSecondHello } from '../tls/second-hello.ts';
import type { ClientTls } from '../tls/client-tls.ts';
import type { Terminator } from '../tls/terminator.ts';

/** Connects clients to the upstreams of their routes and copies between the two sockets. */
export class Forwarder {
  readonly #manager: ConnectionManager;
  readonly #logger: ProxyLogger;
  readonly #settings: Limits;
  readonly #socketOptions: ReturnType<typeof socketOptions>;

  constructor(manager: ConnectionManager, logger: ProxyLogger, settings: Limits) {
    this.#manager = manager;
    this.#logger = logger;
    this.#settings = settings;
    this.#socketOptions = socketOptions(settings);
  }

  /**
   * Connects to the first upstream that accepts; if none does, the connection ends with the reason of the last one.
   *
   * @param isServed whether the route serves a host for a client without a server name
   */
  forward(record: ConnectionRecord, chosen: ActiveRoute, isServed: (host: string) => boolean): void {
    record.route = chosen.settings.name;
    const { terminator } = chosen;
    record.bridged = terminator !== undefined;
    if (terminator === undefined) this.#tryUpstream(record, chosen, 0);
    else this.#guard(record, () => this.#terminate(record, terminator, isServed));
  }

  #tryUpstream(record: ConnectionRecord, route: ActiveRoute, index: number): void {
    const { upstreams } = route.settings;
    const hasNext = index + 1 < upstreams.length;
    const next = hasNext ? () => this.#tryUpstream(record, route, index + 1) : undefined;
    this.#guard(record, () => this.#connect(record, route, upstreams[index]!, next));
  }

  /** Fails one connection, and not the proxy, where a step throws: there is no memory, or an address that net rejects. */
  #guard(record: ConnectionRecord, step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#manager.initiateCleanupOnce(record, 'outgoing', 'error');
      this.#logger.error(
        { event: 'forward_failed', id: record.id, err: error },
        'cannot forward a connection',
      );
    }
  }

  #connect(
    record: ConnectionRecord,
    route: ActiveRoute,
    address: Address,
    next: (() => void) | undefined,
  ): void {
    const manager = this.#manager;
    const replies = new Replies(record.incoming.socket);
    const upstream = connect(connectOptions(address, this.#socketOptions, replies.onread));
    const failOver =
      next &&
      ((): void => {
        stopTimer();
        next();
      });
    const side = manager.addOutgoing(record, upstream, failOver);
    const stopTimer = manager.startTimer(record, this.#settings.connectTimeout, () =>
      manager.connectFailed(record, side, 'etimedout'),
    );
    // once: what it holds is not kept for the connection's life
    upstream.once('connect', () => {
      side.connected = true;
      stopTimer();
      publish('lastfin:connection:connect', () => ({ ...factsOf(record), upstream: address }));
      const sent = record.clientHello && record.requests?.peek();
      join(record, route, upstream, replies);
      if (sent !== undefined) this.#watchSecondHello(record, route, replies, sent);
    });
  }

  /** Ends a connection whose second ClientHello asks for another server name than the one its route was chosen by. */
  #watchSecondHello(
    record: ConnectionRecord,
    { settings }: ActiveRoute,
    replies: Replies,
    sent: Buffer,
  ): void {
    const { clientHello: first } = record;
    if (settings.mode !== 'tls-passthrough' || first === undefined) return;
    watchSecondHello(record.incoming.socket, replies, { ...first, sent }, () =>
      this.#manager.initiateCleanupOnce(record, 'both', 'sni_mismatch'),
    );
  }

  /** Hands the client's socket to the inner proxy. */
  #terminate(record: ConnectionRecord, terminator: Terminator, isServed: (host: string) => boolean): void {
    const manager = this.#manager;
    record.requests?.giveBack();
    record.requests = undefined;
    const { tls } = manager.addInner(record, (events) =>
      terminator.open(record.incoming.socket, {
        client: record.remoteAddress,
        isServed,
        onSecure: () => record.stopHandshake?.(),
        onServerNameChanged: () => manager.initiateCleanupOnce(record, 'both', 'sni_mismatch'),
        onTooSlow: (reason) => {
          // the last answer is delivered first, if the client takes it
          record.innerEnd = reason;
          const end = (): void => manager.initiateCleanupOnce(record, 'both', reason);
          // a turn of the loop later: after a stall, what has come by then is still read
          manager.startTimer(record, Math.max(this.#settings.grace, 1), () => void setImmediate(end));
        },
        events: {
          ...events,
          onClientEnd: () => {
            events.onClientEnd();
            this.#endUnfinished(record, tls);
          },
        },
      }),
    );
  }

  /** Ends a connection whose client has sent its FIN, once the grace has shown that its handshake is never to be finished. */
  #endUnfinished(record: ConnectionRecord, tls: ClientTls): void {
    if (!tls.isHandshaking || record.ending) return;
    const manager = this.#manager;
    manager.startTimer(record, Math.max(this.#settings.grace, 1), () => {
      if (tls.isHandshaking) manager.initiateCleanupOnce(record, 'incoming', 'normal');
    });
  }
}

/** Copies both ways. From here on the kernel's buffers and the streams' limits hold a fast peer back. */
function join(record: ConnectionRecord, { settings }: ActiveRoute, upstream: Socket, replies: Replies): void {
  if (settings.mode !== 'tls-terminate' && settings.sendProxyProtocol !== undefined) {
    upstream.write(writeHeader(settings.sendProxyProtocol, proxiedConnection(record)));
  }
  record.requests?.passOn(upstream);
  replies.passOn(upstream);
}

/** Endpoints to announce to the next proxy; undefined for a client that left before it was accepted. */
function proxiedConnection(record: ConnectionRecord): ProxiedConnection | undefined {
  const { remoteAddress, remotePort, announced, incoming } = record;
  // read only here: it costs a system call
  const destination = announced ?? localEnd(incoming.socket);
  if (remoteAddress === undefined || remotePort === undefined || destination === undefined) return undefined;
  return {
    source: { address: plainAddress(remoteAddress), port: remotePort },
    destination: { address: plainAddress(destination.address), port: destination.port },
  };
}

function localEnd({ localAddress, localPort }: Socket): Endpoint | undefined {
  if (localAddress === undefined || localPort === undefined) return undefined;
  return { address: localAddress, port: localPort };
}
