import type { BlockList } from 'node:net';
import type { ActiveRoute } from '../routing/active-route.ts';
import { isListed, plainAddress } from '../routing/admission.ts';
import type { Admission, Refusal } from '../routing/admission.ts';
import { chooseRoute } from '../routing/choose-route.ts';
import type { ConnectionManager } from './connection-manager.ts';
import type { ConnectionRecord } from './connection-record.ts';
import { Requests } from './requests.ts';
import type { Forwarder } from './forwarder.ts';
import type { ProxyLogger } from '../observe/logger.ts';
import { readHeader } from '../proxy-protocol/read-header.ts';
import type { Limits } from '../limits/limits.ts';
import { readClientHello } from '../tls/client-hello.ts';

/** Settings that apply to a listener's connections. */
export type Entrance = {
  routes: readonly ActiveRoute[];
  /** proxies whose connections begin with a PROXY header; undefined: no headers are read */
  trustedProxies: BlockList | undefined;
};

/** Connection that has no route yet. */
type Arrival = { early: Requests; at: At; awaitsHeader: boolean };

/** Place of arrival. Its entrance is read when the route is chosen, since a reload may replace it meanwhile. */
type At = { readonly entrance: Entrance };

/** Reads from a new connection as much as is needed to choose its route, then passes it on with all its bytes. */
export class Intake {
  readonly #manager: ConnectionManager;
  readonly #admission: Admission;
  readonly #forwarder: Forwarder;
  readonly #logger: ProxyLogger;
  readonly #settings: Limits;

  constructor(
    manager: ConnectionManager,
    admission: Admission,
    forwarder: Forwarder,
    logger: ProxyLogger,
    settings: Limits,
  ) {
    this.#manager = manager;
    this.#admission = admission;
    this.#forwarder = forwarder;
    this.#logger = logger;
    this.#settings = settings;
  }

  /** @param at listener that accepted the connection */
  start(record: ConnectionRecord, at: At): void {
    const { entrance } = at;
    const refusal = this.#admission.admitConnection(record.admitted) ?? this.#admitPeer(record, entrance);
    if (refusal !== undefined) return this.#manager.refuse(record, refusal);
    const early = new Requests(record.incoming.socket, () => this.#advance(record, arrival));
    const arrival = { early, at, awaitsHeader: entrance.trustedProxies !== undefined };
    record.requests = early;
    this.#advance(record, arrival);
  }

  /** Applies the limits per address to a direct peer. Behind a trusted proxy they apply to the announced client instead. */
  #admitPeer(record: ConnectionRecord, { trustedProxies }: Entrance): Refusal | undefined {
    if (trustedProxies === undefined) return this.#admitClient(record);
    return isListed(trustedProxies, plainAddress(record.remoteAddress ?? '')) ? undefined : 'rejected_ip';
  }

  #admitClient(record: ConnectionRecord): Refusal | undefined {
    // a client that has left already has no address
    return this.#admission.admitClient(record.admitted, record.remoteAddress ?? '');
  }

  #advance(record: ConnectionRecord, arrival: Arrival): void {
    if (arrival.awaitsHeader && !this.#takeHeader(record, arrival)) return;
    if (record.route === undefined) {
      const route = this.#choose(record, arrival);
      if (route !== undefined) this.#forward(record, route, arrival.at);
    }
    const { pendingLimit } = this.#settings;
    if (pendingLimit > 0 && arrival.early.size > pendingLimit) this.#end(record, 'pending_overflow');
  }

  #forward(record: ConnectionRecord, route: ActiveRoute, at: At): void {
    // if TLS is terminated here, the handshake timer keeps running
    if (route.terminator === undefined) record.stopHandshake?.();
    this.#forwarder.forward(record, route, (host) => chooseRoute(at.entrance.routes, host) === route);
  }

  /** Starts the timer that runs from the first byte of TLS to the end of the handshake, however slowly the bytes come. */
  #startHandshake(record: ConnectionRecord): void {
    record.stopHandshake ??= this.#manager.startTimer(record, this.#settings.handshakeTimeout, () =>
      this.#end(record, 'handshake_timeout'),
    );
  }

  /** Reads the PROXY header; true once it is complete and the connection goes on. */
  #takeHeader(record: ConnectionRecord, arrival: Arrival): boolean {
    const { early } = arrival;
    const read = readHeader(early.peek());
    if (read.state === 'incomplete') {
      this.#boundEarlyData(record, early);
      return false;
    }
    if (read.state === 'invalid') {
      const fields = { event: 'proxy_header_invalid', id: record.id, peer: record.remoteAddress };
      this.#logger.warn(fields, `connection ${record.id}: ${read.why}`);
      this.#manager.initiateCleanupOnce(record, 'incoming', 'error');
      return false;
    }
    early.discard(read.length);
    arrival.awaitsHeader = false;
    if (read.connection !== undefined) {
      const { source, destination } = read.connection;
      record.remoteAddress = source.address;
      record.remotePort = source.port;
      record.announced = destination;
    }
    const refusal = this.#admitClient(record);
    if (refusal !== undefined) this.#manager.refuse(record, refusal);
    return refusal === undefined;
  }

  /** Chooses the route; undefined while more bytes are needed, or when the connection was ended. */
  #choose(record: ConnectionRecord, { early, at }: Arrival): ActiveRoute | undefined {
    const { routes } = at.entrance;
    const [first] = routes;
    if (first?.settings.mode === 'tcp') return this.#unlessKernels(record, first);
    if (early.size === 0) return undefined;
    this.#startHandshake(record);
    const hello = readClientHello(early.peek());
    if (hello.state === 'incomplete') return this.#boundEarlyData(record, early);
    const route = hello.state === 'complete' ? chooseRoute(routes, hello.serverName) : undefined;
    if (route === undefined) this.#end(record, 'sni_mismatch');
    if (hello.state === 'complete') record.clientHello = hello;
    return route;
  }

  /** Refuses a connection that the kernel should have forwarded: it came before the rules, or somebody removed them. */
  #unlessKernels(record: ConnectionRecord, route: ActiveRoute): ActiveRoute | undefined {
    const { settings } = route;
    if (settings.mode !== 'tcp' || settings.engine !== 'nftables') return route;
    record.route = settings.name;
    this.#manager.initiateCleanupOnce(record, 'both', 'nftables_handled');
    return undefined;
  }

  #boundEarlyData(record: ConnectionRecord, early: Requests): undefined {
    if (early.size >= this.#settings.clientHelloLimit) this.#end(record, 'pending_overflow');
  }

  #end(record: ConnectionRecord, reason: 'pending_overflow' | 'sni_mismatch' | 'handshake_timeout'): void {
    this.#manager.initiateCleanupOnce(record, 'both', reason);
  }
}
