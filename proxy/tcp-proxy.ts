import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { emptyAcceptBacklog } from './accept-backlog.ts';
import { createRoute } from './active-route.ts';
import { addressList, Admission } from './admission.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { ConnectionManager } from './connection-manager.ts';
import type { ProxyStatistics } from './connection-manager.ts';
import type { ConnectionRecord } from './connection-record.ts';
import { Forwarder } from './forwarder.ts';
import { IdleSweep } from './idle-sweep.ts';
import { Intake } from './intake.ts';
import type { Entrance } from './intake.ts';
import { listen } from './listen.ts';
import type { ProxyLogger } from './logger.ts';
import { withDefaults } from './settings.ts';
import { RouteTraffic } from './route-traffic.ts';
import type { Traffic } from './route-traffic.ts';
import type { GivenSettings, Limits, ListenerSettings, ProxySettings } from './settings.ts';
import { socketOptions } from './socket-options.ts';
import type { Terminator } from './tls/terminator.ts';
import { hasReceived } from './transferred-bytes.ts';

/** Present connections by kind, and the bytes of each route. */
export type ProxyMetrics = {
  activeConnections: number;
  /** bridged to the inner proxy of a `tls-terminate` route */
  portProxyConnections: number;
  /** those of them whose TLS handshake is done */
  tlsTerminatedConnections: number;
  /** by the name of the route */
  routes: Map<string, Traffic>;
};

type Listener = { settings: ListenerSettings; server: Server; entrance: Entrance };

/**
 * A proxy of TCP connections, from any number of listeners to the upstreams of their routes, with true half-close in both
 * directions. Every connection ends once, for one reason a side, and leaves nothing behind.
 *
 * @example
 * const proxy = new TcpProxy({
 *   listeners: tcpListener({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: 9001 }),
 * }, { logger: createLogger('info') });
 * const [{ port }] = await proxy.listen();
 * await proxy.close();
 * console.log(proxy.statistics().terminations.incoming);
 */
export class TcpProxy {
  readonly #settings: ProxySettings;
  readonly #clock: Clock;
  readonly #logger: ProxyLogger;
  readonly #manager: ConnectionManager;
  readonly #admission: Admission;
  readonly #traffic = new RouteTraffic();
  readonly #sweep: IdleSweep;
  readonly #intake: Intake;
  readonly #listeners: Listener[];
  #listening: Promise<AddressInfo[]> | undefined;
  #closing: Promise<void> | undefined;
  #emptied: (() => void) | undefined;
  #forced = false;

  constructor(
    settings: GivenSettings,
    { logger, clock = systemClock }: { logger: ProxyLogger; clock?: Clock },
  ) {
    this.#settings = withDefaults(settings);
    this.#clock = clock;
    this.#logger = logger;
    this.#admission = new Admission(this.#settings, clock);
    this.#manager = new ConnectionManager(clock, logger, this.#settings.grace, {
      onEnd: (record) => {
        this.#admission.release(record.admitted);
        this.#traffic.add(record);
      },
      onEmpty: () => this.#onEmpty(),
    });
    this.#sweep = new IdleSweep(this.#settings, clock, () => this.#manager.records(), {
      onIdle: (record, reason) => this.#manager.initiateCleanupOnce(record, 'both', reason),
      onWarning: (record) =>
        logger.warn(
          { event: 'inactivity_warning', id: record.id, route: record.route },
          `connection ${record.id} is idle and will be closed`,
        ),
    });
    const forwarder = new Forwarder(this.#manager, logger, this.#settings);
    this.#intake = new Intake(this.#manager, this.#admission, forwarder, logger, this.#settings);
    this.#listeners = this.#settings.listeners.map((listener) => this.#createListener(listener));
  }

  /**
   * Starts to listen.
   *
   * @returns one address a listener, in their order, with the port that the system chose where port 0 was asked for
   * @throws LastfinError `LASTFIN_PORT_IN_USE`, or `LASTFIN_USAGE` for an address that cannot be listened on
   */
  listen(): Promise<AddressInfo[]> {
    this.#listening ??= this.#listen();
    return this.#listening;
  }

  /** How many connections there are, those that are ending included. */
  connectionCount(): number {
    return this.#manager.connectionCount;
  }

  /** Counters and present counts, in agreement with each other. They can still be read after the close. */
  statistics(): ProxyStatistics {
    return this.#manager.statistics();
  }

  /** What is open now, and the bytes of all routes so far. Can still be read after the close. */
  metrics(): ProxyMetrics {
    const bridges = this.#terminators().map((terminator) => terminator.counts());
    return {
      activeConnections: this.#manager.connectionCount,
      portProxyConnections: bridges.reduce((sum, { bridged }) => sum + bridged, 0),
      tlsTerminatedConnections: bridges.reduce((sum, { secure }) => sum + secure, 0),
      routes: this.#traffic.totals(this.#manager.records()),
    };
  }

  /**
   * Stops in two phases: accepts no more, ends all connections gracefully; what is left after the shutdown grace is
   * destroyed. Can be called again; it is the same stop.
   *
   * @returns settles when no connection is left
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Stops without any grace. */
  forceClose(): Promise<void> {
    this.#forced = true;
    const closed = this.close();
    this.#manager.destroyAll();
    return closed;
  }

  #createListener(settings: ListenerSettings): Listener {
    const listener: Listener = {
      settings,
      entrance: createEntrance(settings, this.#settings),
      server: createServer(socketOptions(this.#settings), (socket) => this.#accept(listener, socket)),
    };
    return listener;
  }

  async #listen(): Promise<AddressInfo[]> {
    await Promise.all(this.#terminators().map((terminator) => terminator.listen()));
    const listening = this.#listeners.map(({ server, settings }) =>
      listen(server, settings.listen, this.#logger),
    );
    const results = await Promise.allSettled(listening);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return Promise.all(listening);
    // all or none: a proxy that listens on some of its addresses is not what was asked for
    this.#stopListening();
    for (const terminator of this.#terminators()) terminator.close();
    throw failed.reason;
  }

  #accept(listener: Listener, socket: Socket): void {
    const record = this.#manager.add(socket);
    this.#sweep.start();
    if (this.#closing !== undefined) {
      this.#manager.initiateCleanupOnce(record, 'both', 'shutdown');
      if (this.#forced) this.#manager.destroyAll();
      return;
    }
    this.#startClocks(record);
    this.#intake.start(record, listener.entrance);
  }

  #startClocks(record: ConnectionRecord): void {
    const manager = this.#manager;
    manager.startTimer(record, this.#settings.maxLifetime, () =>
      manager.initiateCleanupOnce(record, 'both', 'max_lifetime'),
    );
    manager.startTimer(record, this.#settings.initialTimeout, () => {
      // looked at once, when the time is over: a byte that passes costs nothing
      if (record.route === undefined || !hasReceived(record))
        manager.initiateCleanupOnce(record, 'both', 'initial_timeout');
    });
  }

  async #close(): Promise<void> {
    await this.#listening?.catch(() => {});
    this.#manager.shutdown(this.#settings.shutdownGrace);
    const force = this.#clock.setTimeout(() => this.#manager.destroyAll(), this.#settings.shutdownGrace);
    await emptyAcceptBacklog(() => this.#manager.statistics().accepted);
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      this.#stopListening();
      if (this.#manager.connectionCount === 0) resolve();
    });
    force.cancel();
    for (const terminator of this.#terminators()) terminator.close();
    this.#admission.stop();
  }

  #terminators(): Terminator[] {
    const routes = this.#listeners.flatMap(({ entrance }) => entrance.routes);
    return routes.flatMap(({ terminator }) => terminator ?? []);
  }

  #stopListening(): void {
    for (const { server } of this.#listeners) server.close();
  }

  #onEmpty(): void {
    this.#sweep.stop();
    this.#emptied?.();
  }
}

function createEntrance({ routes, acceptProxyProtocolFrom }: ListenerSettings, limits: Limits): Entrance {
  return {
    routes: routes.map((settings) => createRoute(settings, limits)),
    trustedProxies: acceptProxyProtocolFrom && addressList(acceptProxyProtocolFrom),
  };
}
