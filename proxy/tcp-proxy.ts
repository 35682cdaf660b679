import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { emptyAcceptBacklog } from './accept-backlog.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { ConnectionManager } from './connection-manager.ts';
import type { ProxyStatistics } from './connection-manager.ts';
import type { ConnectionRecord } from './connection-record.ts';
import { IdleSweep } from './idle-sweep.ts';
import { listen } from './listen.ts';
import type { ProxyLogger } from './logger.ts';
import { withDefaults } from './settings.ts';
import type { ProxySettings, RequiredSettings } from './settings.ts';
import { hasReceived } from './transferred-bytes.ts';

/**
 * A TCP proxy from one listener to one upstream, with true half-close in both directions. Every connection ends once, for
 * one reason a side, and leaves nothing behind.
 *
 * @example
 * const proxy = new TcpProxy({
 *   listen: { host: '127.0.0.1', port: 0 },
 *   upstream: { host: '127.0.0.1', port: 9001 },
 * }, { logger: createLogger('info') });
 * const { port } = await proxy.listen();
 * await proxy.close();
 * console.log(proxy.statistics().terminations.incoming);
 */
export class TcpProxy {
  readonly #settings: ProxySettings;
  readonly #clock: Clock;
  readonly #logger: ProxyLogger;
  readonly #manager: ConnectionManager;
  readonly #sweep: IdleSweep;
  readonly #server: Server;
  #listening: Promise<AddressInfo> | undefined;
  #closing: Promise<void> | undefined;
  #emptied: (() => void) | undefined;
  #forced = false;

  constructor(
    settings: RequiredSettings & Partial<ProxySettings>,
    { logger, clock = systemClock }: { logger: ProxyLogger; clock?: Clock },
  ) {
    this.#settings = withDefaults(settings);
    this.#clock = clock;
    this.#logger = logger;
    this.#manager = new ConnectionManager(clock, logger, this.#settings.grace, () => this.#onEmpty());
    this.#sweep = new IdleSweep(
      this.#settings,
      clock,
      () => this.#manager.records(),
      (record, reason) => this.#manager.initiateCleanupOnce(record, 'both', reason),
    );
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  /**
   * Starts to listen.
   *
   * @returns the address, with the port that the system chose where port 0 was asked for
   * @throws LastfinError `LASTFIN_PORT_IN_USE`, or `LASTFIN_USAGE` for an address that cannot be listened on
   */
  listen(): Promise<AddressInfo> {
    this.#listening ??= listen(this.#server, this.#settings.listen, this.#logger);
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

  #accept(socket: Socket): void {
    const record = this.#manager.add(socket);
    this.#sweep.start();
    if (this.#closing !== undefined) {
      this.#manager.initiateCleanupOnce(record, 'both', 'shutdown');
      if (this.#forced) this.#manager.destroyAll();
      return;
    }
    try {
      this.#startClocks(record);
      this.#connect(record);
    } catch (error) {
      // such as no memory or an address that net rejects: one connection fails, not the proxy
      this.#manager.initiateCleanupOnce(record, 'outgoing', 'error');
      this.#logger.error(
        { event: 'forward_failed', id: record.id, err: error },
        'cannot forward a connection',
      );
    }
  }

  #startClocks(record: ConnectionRecord): void {
    const manager = this.#manager;
    manager.startTimer(record, this.#settings.maxLifetime, () =>
      manager.initiateCleanupOnce(record, 'both', 'max_lifetime'),
    );
    manager.startTimer(record, this.#settings.initialTimeout, () => {
      // looked at once, when the time is over: a byte that passes costs nothing
      if (!hasReceived(record)) manager.initiateCleanupOnce(record, 'both', 'initial_timeout');
    });
  }

  #connect(record: ConnectionRecord): void {
    const manager = this.#manager;
    const upstream = connect({ ...this.#settings.upstream, allowHalfOpen: true, noDelay: true });
    manager.addOutgoing(record, upstream);
    const stopTimer = manager.startTimer(record, this.#settings.connectTimeout, () =>
      manager.initiateCleanupOnce(record, 'both', 'etimedout'),
    );
    upstream.once('connect', stopTimer);
    // from now on, not from the connect: early bytes wait in the stream, whose limit holds the client back
    record.incoming.socket.pipe(upstream);
    upstream.pipe(record.incoming.socket);
  }

  async #close(): Promise<void> {
    await this.#listening?.catch(() => {});
    this.#manager.shutdown(this.#settings.shutdownGrace);
    const force = this.#clock.setTimeout(() => this.#manager.destroyAll(), this.#settings.shutdownGrace);
    await emptyAcceptBacklog(() => this.#manager.statistics().accepted);
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      this.#server.close();
      if (this.#manager.connectionCount === 0) resolve();
    });
    force.cancel();
  }

  #onEmpty(): void {
    this.#sweep.stop();
    this.#emptied?.();
  }
}
