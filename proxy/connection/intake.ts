import type { BlockList } from 'node:net';
import type { ActiveRoute } from '../routing/active-route.ts';
import { isListed, plainAddress } from '../routing/admission.ts';
import type { Admission, Refusal } from '../routing/admission.ts';
import { chooseRoute } from '../routing/choose-route.ts';
import type { ConnectionManager } from './connection-manager.ts';
import type { ConnectionRecord } from './connection-record.ts';
import { EarlyData } from './early-data.ts';
import type { Forwarder } from './forwarder.ts';
import type { ProxyLogger } from '../observe/logger.ts';
import { readHeader } from '../proxy-protocol/read-header.ts';
import type { Limits } from '../settings.ts';
import { readClientHello } from '../tls/client-hello.ts';

/** What a listener's connections go through. */
export type Entrance = {
  routes: readonly ActiveRoute[];
  /** the proxies whose connections begin with a PROXY header; undefined: none does */
  trustedProxies: BlockList | undefined;
};

/** A connection that has no route yet. */
type Arrival = { early: EarlyData; at: At; awaitsHeader: boolean };

/** Where it has come in. Read when the route is chosen: it may be another one by then. */
type At = { readonly entrance: Entrance };

/** Reads of a new connection what must be known to choose its route, then passes it on with all its bytes. */
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

  /** @param at its listener */
  start(record: ConnectionRecord, at: At): void {
    const { entrance } = at;
    const refusal = this.#admission.admitConnection(record.admitted) ?? this.#admitPeer(record, entrance);
    if (refusal !== undefined) return this.#manager.refuse(record, refusal);
    const early = new EarlyData(record.incoming.socket, () => this.#advance(record, arrival));
    const arrival = { early, at, awaitsHeader: entrance.trustedProxies !== undefined };
    record.early = early;
    this.#advance(record, arrival);
  }

  /** Behind trusted proxies the limits of an address are the client's, not the proxy's: that one has them all. */
  #admitPeer(record: ConnectionRecord, { trustedProxies }: Entrance): Refusal | undefined {
    if (trustedProxies === undefined) return this.#admitClient(record);
    return isListed(trustedProxies, plainAddress(record.remoteAddress ?? '')) ? undefined : 'rejected_ip';
  }

  #admitClient(record: ConnectionRecord): Refusal | undefined {
    // a client that has left already has no address any more
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
    // where TLS goes on to be terminated here, its clock goes on, too
    if (route.terminator === undefined) record.stopHandshake?.();
    this.#forwarder.forward(record, route, (host) => chooseRoute(at.entrance.routes, host) === route);
  }

  /** One clock from the first byte of TLS to the end of its handshake, however slowly the bytes come. */
  #startHandshake(record: ConnectionRecord): void {
    record.stopHandshake ??= this.#manager.startTimer(record, this.#settings.handshakeTimeout, () =>
      this.#end(record, 'handshake_timeout'),
    );
  }

  /** Whether the header is there, and the connection goes on. */
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

  /** undefined where the connection waits for more bytes, or was ended */
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

  /** The kernel should have forwarded this one: it came before the rules, or somebody has removed them. */
  #unlessKernels(record: ConnectionRecord, route: ActiveRoute): ActiveRoute | undefined {
    const { settings } = route;
    if (settings.mode !== 'tcp' || settings.engine !== 'nftables') return route;
    record.route = settings.name;
    this.#manager.initiateCleanupOnce(record, 'both', 'nftables_handled');
    return undefined;
  }

  #boundEarlyData(record: ConnectionRecord, early: EarlyData): undefined {
    if (early.size >= this.#settings.clientHelloLimit) this.#end(record, 'pending_overflow');
  }

  #end(record: ConnectionRecord, reason: 'pending_overflow' | 'sni_mismatch' | 'handshake_timeout'): void {
    this.#manager.initiateCleanupOnce(record, 'both', reason);
  }
}
