import type { AddressInfo, Socket } from 'node:net';
import { emptyAcceptBacklog } from './listening/accept-backlog.ts';
import { Admission } from './routing/admission.ts';
import { systemClock } from './clock/clock.ts';
import type { Clock } from './clock/clock.ts';
import { ConnectionManager } from './connection/connection-manager.ts';
import type { ProxyStatistics } from './connection/termination-statistics.ts';
import type { ConnectionRecord } from './connection/connection-record.ts';
import { Deadlines } from './clock/deadlines.ts';
import { retire } from './connection/retire.ts';
import { DescriptorHeadroom } from './listening/descriptor-headroom.ts';
import { factsOf, publish } from './observe/diagnostics.ts';
import { Forwarder } from './connection/forwarder.ts';
import { HttpFigures } from './http/http-figures.ts';
import type { HttpCounts } from './http/http-figures.ts';
import { IdleSweep } from './connection/idle-sweep.ts';
import { Intake } from './connection/intake.ts';
import { Listeners } from './listening/listeners.ts';
import type { Listener } from './listening/listeners.ts';
import type { ProxyLogger } from './observe/logger.ts';
import { OneTimer } from './clock/one-timer.ts';
import { KernelForwarding } from './nftables/kernel-forwarding.ts';
import { withDefaults } from './settings.ts';
import { RouteTraffic } from './routing/route-traffic.ts';
import type { Traffic } from './routing/route-traffic.ts';
import type { GivenSettings, ListenerSettings, ProxySettings } from './settings.ts';
import { hasReceived } from './connection/transferred-bytes.ts';

/** Open connections by kind, and totals. */
export type ProxyMetrics = {
  activeConnections: number;
  /** connections bridged to the inner proxy of a `tls-terminate` route */
  portProxyConnections: number;
  /** bridged connections whose TLS handshake is done */
  tlsTerminatedConnections: number;
  /** connections that could not be accepted, or were refused because hardly a file descriptor was left */
  acceptErrors: number;
  /** HTTP figures of the routes with `tls-terminate` */
  http: HttpCounts;
  /** traffic by the name of the route */
  routes: Map<string, Traffic>;
};

/**
 * Proxy for TCP connections, from any number of listeners to the upstreams of their routes, with true half-close in both
 * directions. Every connection ends once, with one reason a side, and leaves nothing behind.
 *
 * @example
 * import { createLogger, tcpListener, TcpProxy } from 'lastfin/proxy';
 *
 * const listeners = tcpListener({ host: '127.0.0.1', port: 0 }, { host: '127.0.0.1', port: 9001 });
 * const proxy = new TcpProxy({ listeners }, { logger: createLogger('info') });
 * const [address] = await proxy.listen();
 * console.log(address?.port);
 * await proxy.close();
 * console.log(proxy.statistics().terminations.incoming);
 */
export class TcpProxy {
  readonly #settings: ProxySettings;
  readonly #clock: Clock;
  readonly #logger: ProxyLogger;
  readonly #descriptors: DescriptorHeadroom;
  readonly #manager: ConnectionManager;
  readonly #admission: Admission;
  readonly #traffic = new RouteTraffic();
  readonly #lifetimes: Deadlines<ConnectionRecord>;
  readonly #firstBytes: Deadlines<ConnectionRecord>;
  readonly #sweep: IdleSweep;
  readonly #intake: Intake;
  readonly #kernel: KernelForwarding;
  readonly #http: HttpFigures;
  readonly #listeners: Listeners;
  #listening: Promise<AddressInfo[]> | undefined;
  #changing: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #emptied: (() => void) | undefined;
  #forced = false;
  #acceptErrors = 0;

  constructor(
    settings: GivenSettings,
    { logger, clock = systemClock }: { logger: ProxyLogger; clock?: Clock },
  ) {
    this.#settings = withDefaults(settings);
    this.#clock = clock;
    this.#logger = logger;
    this.#descriptors = new DescriptorHeadroom(clock);
    // checks that cover all connections share one timer; short timers of single connections are their own
    const watch = new OneTimer(clock);
    this.#admission = new Admission(this.#settings, watch);
    this.#manager = new ConnectionManager(clock, logger, this.#settings.grace, {
      onEnding: (record) => this.#stopClocks(record),
      onEnd: (record) => {
        this.#admission.release(record.admitted);
        this.#traffic.add(record);
      },
      onEmpty: () => this.#onEmpty(),
    });
    this.#lifetimes = new Deadlines(watch, this.#settings.maxLifetime, (record) =>
      this.#manager.initiateCleanupOnce(record, 'both', 'max_lifetime'),
    );
    this.#firstBytes = new Deadlines(watch, this.#settings.initialTimeout, (record) => {
      // checked once, when the time is over, so that passing bytes cost nothing
      if (record.route === undefined || !hasReceived(record))
        this.#manager.initiateCleanupOnce(record, 'both', 'initial_timeout');
    });
    this.#sweep = new IdleSweep(this.#settings, watch, () => this.#manager.records(), {
      onIdle: (record, reason) => this.#manager.initiateCleanupOnce(record, 'both', reason),
      onWarning: (record) => {
        const fields = { event: 'inactivity_warning', id: record.id, route: record.route };
        logger.warn(fields, `connection ${record.id} is idle and will be closed`);
        publish('lastfin:connection:warn', () => ({ ...factsOf(record), warning: 'inactivity' }));
      },
    });
    const forwarder = new Forwarder(this.#manager, logger, this.#settings);
    this.#intake = new Intake(this.#manager, this.#admission, forwarder, logger, this.#settings);
    this.#kernel = new KernelForwarding(logger);
    this.#http = new HttpFigures(logger);
    this.#listeners = new Listeners(this.#settings, logger, this.#kernel, {
      clock: watch,
      figures: this.#http,
      onConnection: (listener, socket) => this.#accept(listener, socket),
      onAcceptError: () => {
        this.#acceptErrors += 1;
      },
    });
  }

  /**
   * Starts to listen.
   *
   * @returns bound addresses in the order of the listeners, with the port that the system chose for port 0
   * @throws LastfinError `LASTFIN_PORT_IN_USE`, `LASTFIN_USAGE` for an address that cannot be listened on, or `LASTFIN_NFTABLES`
   */
  listen(): Promise<AddressInfo[]> {
    this.#listening ??= this.#change(this.#settings.listeners).then(({ addresses }) => addresses);
    return this.#listening;
  }

  /**
   * Switches to other listeners and routes, all at once. Connections of unchanged routes go on; those of removed or changed routes
   * end as at a shutdown. The limits stay as they were at the start.
   *
   * @throws LastfinError if an address cannot be listened on; then nothing has changed
   * @example
   * import { createLogger, loadConfig, TcpProxy } from 'lastfin/proxy';
   *
   * const proxy = new TcpProxy(loadConfig('proxy.yaml').settings, { logger: createLogger('info') });
   * process.on('SIGHUP', () => void proxy.reload(loadConfig('proxy.yaml').settings.listeners));
   */
  async reload(listeners: readonly ListenerSettings[]): Promise<void> {
    if (this.#closing !== undefined) return;
    const { dropped } = await this.#change(listeners);
    publish('lastfin:reload', () => ({
      listeners: listeners.map(({ name }) => name),
      dropped: [...dropped],
    }));
    for (const record of this.#manager.records()) {
      if (record.route !== undefined && dropped.has(record.route)) {
        retire(this.#manager, record, this.#settings.grace);
      }
    }
  }

  /** Number of connections, including those that are closing. */
  connectionCount(): number {
    return this.#manager.connectionCount;
  }

  /** Consistent counters and gauges. They can still be read after the close. */
  statistics(): ProxyStatistics {
    return this.#manager.statistics();
  }

  /** Open connections, and the bytes of all routes so far. Can still be read after the close. */
  metrics(): ProxyMetrics {
    const bridges = this.#listeners.routes().flatMap(({ terminator }) => terminator?.counts() ?? []);
    return {
      activeConnections: this.#manager.connectionCount,
      portProxyConnections: bridges.reduce((sum, { bridged }) => sum + bridged, 0),
      tlsTerminatedConnections: bridges.reduce((sum, { secure }) => sum + secure, 0),
      acceptErrors: this.#acceptErrors,
      http: this.#http.counts(),
      routes: new Map([...this.#traffic.totals(this.#manager.records()), ...this.#kernel.totals()]),
    };
  }

  /**
   * Updates the kernel's part of {@link metrics}: counters of `engine: nftables` routes are read only on demand.
   *
   * @throws LastfinError `LASTFIN_NFTABLES`
   */
  refreshMetrics(): Promise<void> {
    return this.#kernel.refresh();
  }

  /**
   * Stops in two phases: stops accepting and ends all connections gracefully; destroys what is left after the shutdown
   * grace. Repeated calls join the same stop.
   *
   * @returns a promise that resolves when no connection is left
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Stops without grace. */
  forceClose(): Promise<void> {
    this.#forced = true;
    const closed = this.close();
    this.#manager.destroyAll();
    return closed;
  }

  /** Runs changes one after the other. */
  #change(listeners: readonly ListenerSettings[]): ReturnType<Listeners['replace']> {
    const change = this.#changing.then(() => this.#listeners.replace(listeners));
    this.#changing = change.catch(() => {});
    return change;
  }

  #accept(listener: Listener, socket: Socket): void {
    const record = this.#manager.add(socket);
    publish('lastfin:connection:accept', () => ({ ...factsOf(record), listener: listener.settings.name }));
    this.#sweep.start();
    if (this.#closing !== undefined) {
      this.#manager.initiateCleanupOnce(record, 'both', 'shutdown');
      if (this.#forced) this.#manager.destroyAll();
      return;
    }
    if (this.#descriptors.isUsedUpBy(socket)) return this.#refuseForDescriptors(record);
    this.#startClocks(record);
    this.#intake.start(record, listener);
  }

  /** Refuses a connection while descriptors are left: at EMFILE the kernel would drop one without an event. */
  #refuseForDescriptors(record: ConnectionRecord): void {
    this.#acceptErrors += 1;
    this.#logger.warn(
      { event: 'accept_refused', id: record.id, cause: 'EMFILE' },
      'no file descriptor is left for more connections: raise the limit (`ulimit -n`) or set maxConnections',
    );
    this.#manager.refuse(record, 'rejected_limit');
  }

  #startClocks(record: ConnectionRecord): void {
    record.lifetime = this.#lifetimes.add(record, record.startedAt);
    record.firstBytes = this.#firstBytes.add(record, record.startedAt);
  }

  #stopClocks(record: ConnectionRecord): void {
    this.#lifetimes.delete(record.lifetime);
    this.#firstBytes.delete(record.firstBytes);
  }

  async #close(): Promise<void> {
    await this.#changing;
    this.#manager.shutdown(this.#settings.shutdownGrace);
    const force = this.#clock.setTimeout(() => this.#manager.destroyAll(), this.#settings.shutdownGrace);
    await this.#listeners.stopKernel();
    await emptyAcceptBacklog(() => this.#manager.statistics().accepted);
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      this.#listeners.stopListening();
      if (this.#manager.connectionCount === 0) resolve();
    });
    force.cancel();
    this.#listeners.stopRoutes();
    this.#admission.stop();
  }

  #onEmpty(): void {
    this.#sweep.stop();
    this.#emptied?.();
  }
}
