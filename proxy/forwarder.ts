import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Address } from './address.ts';
import type { ConnectionManager } from './connection-manager.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { ProxyLogger } from './logger.ts';
import type { Limits, RouteSettings } from './settings.ts';
import { socketOptions } from './socket-options.ts';

/** Connects connections to the upstreams of their routes and copies between the two sockets. */
export class Forwarder {
  readonly #manager: ConnectionManager;
  readonly #logger: ProxyLogger;
  readonly #settings: Limits;

  constructor(manager: ConnectionManager, logger: ProxyLogger, settings: Limits) {
    this.#manager = manager;
    this.#logger = logger;
    this.#settings = settings;
  }

  /** Connects to the first upstream that takes the connection; where none does, it ends for the last one's reason. */
  forward(record: ConnectionRecord, route: RouteSettings): void {
    record.route = route.name;
    this.#tryUpstream(record, route.upstreams, 0);
  }

  #tryUpstream(record: ConnectionRecord, upstreams: readonly Address[], index: number): void {
    try {
      const hasNext = index + 1 < upstreams.length;
      this.#connect(
        record,
        upstreams[index]!,
        hasNext ? () => this.#tryUpstream(record, upstreams, index + 1) : undefined,
      );
    } catch (error) {
      // such as no memory or an address that net rejects: one connection fails, not the proxy
      this.#manager.initiateCleanupOnce(record, 'outgoing', 'error');
      this.#logger.error(
        { event: 'forward_failed', id: record.id, err: error },
        'cannot forward a connection',
      );
    }
  }

  #connect(record: ConnectionRecord, address: Address, next: (() => void) | undefined): void {
    const manager = this.#manager;
    const upstream = connect({ ...address, ...socketOptions(this.#settings) });
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
    upstream.once('connect', stopTimer);
    upstream.once('connect', () => join(record, upstream));
  }
}

/** From here on the kernel's buffers and the streams' limits hold a fast peer back. */
function join(record: ConnectionRecord, upstream: Socket): void {
  const early = record.early?.take();
  record.early = undefined;
  if (early !== undefined && early.length > 0) upstream.write(early);
  record.incoming.socket.pipe(upstream);
  upstream.pipe(record.incoming.socket);
}
