import type { Admission, Refusal } from './admission.ts';
import { chooseRoute } from './choose-route.ts';
import type { ConnectionManager } from './connection-manager.ts';
import type { ConnectionRecord } from './connection-record.ts';
import { EarlyData } from './early-data.ts';
import type { Forwarder } from './forwarder.ts';
import type { Limits, RouteSettings } from './settings.ts';
import { readClientHello } from './tls/client-hello.ts';

/** A route as it runs. */
export type ActiveRoute = { settings: RouteSettings };

/** Reads of a new connection what must be known to choose its route, then passes it on with all its bytes. */
export class Intake {
  readonly #manager: ConnectionManager;
  readonly #admission: Admission;
  readonly #forwarder: Forwarder;
  readonly #settings: Limits;

  constructor(manager: ConnectionManager, admission: Admission, forwarder: Forwarder, settings: Limits) {
    this.#manager = manager;
    this.#admission = admission;
    this.#forwarder = forwarder;
    this.#settings = settings;
  }

  /** @param routes those of its listener when it was accepted */
  start(record: ConnectionRecord, routes: readonly ActiveRoute[]): void {
    if (!this.#admit(record)) return;
    const early = new EarlyData(record.incoming.socket, () => this.#advance(record, early, routes));
    record.early = early;
    this.#advance(record, early, routes);
  }

  #admit(record: ConnectionRecord): boolean {
    const refusal: Refusal | undefined =
      this.#admission.admitConnection(record.admitted) ??
      // a client that has left already has no address any more
      this.#admission.admitClient(record.admitted, record.remoteAddress ?? '');
    if (refusal !== undefined) this.#manager.refuse(record, refusal);
    return refusal === undefined;
  }

  #advance(record: ConnectionRecord, early: EarlyData, routes: readonly ActiveRoute[]): void {
    if (record.route === undefined) {
      const route = this.#choose(record, early, routes);
      if (route !== undefined) this.#forwarder.forward(record, route.settings);
    }
    const { pendingLimit } = this.#settings;
    if (pendingLimit > 0 && early.size > pendingLimit) this.#refuse(record, 'pending_overflow');
  }

  /** undefined where the connection waits for more bytes, or was refused */
  #choose(
    record: ConnectionRecord,
    early: EarlyData,
    routes: readonly ActiveRoute[],
  ): ActiveRoute | undefined {
    const [first] = routes;
    if (first?.settings.mode === 'tcp') return first;
    if (early.size === 0) return undefined;
    const hello = readClientHello(early.peek());
    if (hello.state === 'incomplete') {
      if (early.size >= this.#settings.clientHelloLimit) this.#refuse(record, 'pending_overflow');
      return undefined;
    }
    const route = hello.state === 'complete' ? chooseRoute(routes, hello.serverName) : undefined;
    if (route === undefined) this.#refuse(record, 'sni_mismatch');
    return route;
  }

  #refuse(record: ConnectionRecord, reason: 'pending_overflow' | 'sni_mismatch'): void {
    this.#manager.initiateCleanupOnce(record, 'both', reason);
  }
}
