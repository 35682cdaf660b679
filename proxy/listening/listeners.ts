import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { createRoute } from '../routing/active-route.ts';
import type { ActiveRoute } from '../routing/active-route.ts';
import { formatAddress } from '../../shared/address.ts';
import type { Address } from '../../shared/address.ts';
import { addressList } from '../routing/admission.ts';
import type { Entrance } from '../connection/intake.ts';
import { listen } from './listen.ts';
import type { ProxyLogger } from '../observe/logger.ts';
import type { KernelForwarding } from '../nftables/kernel-forwarding.ts';
import { kernelRouteProblem } from '../nftables/kernel-route.ts';
import type { KernelRoute } from '../nftables/kernel-route.ts';
import type { Limits } from '../limits/limits.ts';
import type { ListenerSettings, RouteSettings } from '../settings.ts';
import { socketOptions } from './socket-options.ts';
import type { TerminatorServices } from '../tls/terminator.ts';

/** Open listener; its entrance is replaced when its routes change. */
export type Listener = { readonly settings: ListenerSettings; readonly server: Server; entrance: Entrance };

/** Callbacks of the listeners. */
type ListenerEvents = TerminatorServices & {
  onConnection(listener: Listener, socket: Socket): void;
  /** called when the system could not hand over a connection */
  onAcceptError(): void;
};

/** Result of a change of the listeners. */
type Change = {
  /** bound addresses, in the order of the listeners */
  addresses: AddressInfo[];
  /** names of the routes that were removed or changed */
  dropped: ReadonlySet<string>;
};

/** Open listeners and their routes, replaced all at once or not at all. */
export class Listeners {
  readonly #limits: Limits;
  readonly #logger: ProxyLogger;
  readonly #kernel: KernelForwarding;
  readonly #events: ListenerEvents;
  #open: Listener[] = [];

  constructor(limits: Limits, logger: ProxyLogger, kernel: KernelForwarding, events: ListenerEvents) {
    this.#limits = limits;
    this.#logger = logger;
    this.#kernel = kernel;
    this.#events = events;
  }

  routes(): ActiveRoute[] {
    return this.#open.flatMap(({ entrance }) => entrance.routes);
  }

  /**
   * Switches to other listeners and routes. Unchanged ones go on untouched: a listener is identified by its address, a route by
   * all its settings.
   *
   * @throws LastfinError if an address cannot be listened on; then nothing has changed
   */
  async replace(settings: readonly ListenerSettings[]): Promise<Change> {
    const before = this.routes();
    const next = settings.map((one) => this.#prepare(one, before));
    const fresh = next.filter(({ listener }) => !this.#open.includes(listener));
    const added = next.flatMap(({ entrance }) => entrance.routes).filter((route) => !before.includes(route));
    let kernelRoutes: KernelRoute[] = [];
    try {
      await allOf(
        fresh.map(({ listener }) => listen(listener.server, listener.settings.listen, this.#logger)),
      );
      kernelRoutes = next.flatMap(({ listener, entrance }) => this.#kernelRoutes(listener, entrance));
      await this.#kernel.install(
        kernelRoutes,
        next.map(({ listener }) => boundAddress(listener)),
      );
    } catch (error) {
      for (const { listener } of fresh) listener.server.close();
      for (const { terminator } of added) terminator?.close();
      throw error;
    }
    // nothing fails from here on, and no connection sees a half-made change
    for (const { listener, entrance } of next) listener.entrance = entrance;
    const removed = this.#open.filter((old) => next.every(({ listener }) => listener !== old));
    for (const listener of removed) {
      listener.server.close();
      listener.entrance = { routes: [], trustedProxies: listener.entrance.trustedProxies };
    }
    this.#open = next.map(({ listener }) => listener);
    await this.#kernel.removeOthers(kernelRoutes);
    const kept = this.routes();
    const dropped = before.filter((route) => !kept.includes(route));
    for (const { terminator } of dropped) terminator?.close();
    return {
      addresses: this.#open.map(({ server }) => server.address() as AddressInfo),
      dropped: new Set(dropped.map((route) => route.settings.name)),
    };
  }

  /** Ends the kernel's forwarding; from then on its connections come to userland. */
  stopKernel(): Promise<void> {
    return this.#kernel.removeOthers([]);
  }

  /** Stops accepting connections. */
  stopListening(): void {
    for (const { server } of this.#open) server.close();
  }

  /** Closes the inner proxies; call when no connection is left. */
  stopRoutes(): void {
    for (const { terminator } of this.routes()) terminator?.close();
  }

  #prepare(
    settings: ListenerSettings,
    before: readonly ActiveRoute[],
  ): { listener: Listener; entrance: Entrance } {
    const { acceptProxyProtocolFrom } = settings;
    const entrance = {
      routes: settings.routes.map(
        (route) =>
          before.find((old) => isSame(old.settings, route)) ?? createRoute(route, this.#limits, this.#events),
      ),
      trustedProxies: acceptProxyProtocolFrom && addressList(acceptProxyProtocolFrom),
    };
    const present = this.#open.find((old) => addressOf(old.settings) === addressOf(settings));
    return { listener: present ?? this.#create(settings, entrance), entrance };
  }

  /** @throws LastfinError `LASTFIN_USAGE` for settings that the kernel does not support; a config file has been checked for them before */
  #kernelRoutes(listener: Listener, { routes }: Entrance): KernelRoute[] {
    const bound = boundAddress(listener);
    return routes.flatMap(({ settings: route }) => {
      if (route.mode !== 'tcp' || route.engine !== 'nftables') return [];
      const takesHeaders = listener.settings.acceptProxyProtocolFrom !== undefined;
      const problem = kernelRouteProblem(bound.host, route, takesHeaders);
      if (problem !== undefined) {
        throw new LastfinError('LASTFIN_USAGE', `route ${route.name}: ${problem}`, {
          facts: { route: route.name },
        });
      }
      const { allow, deny } = this.#limits;
      return [{ name: route.name, listen: bound, upstream: route.upstreams[0]!, allow, deny }];
    });
  }

  #create(settings: ListenerSettings, entrance: Entrance): Listener {
    const server = createServer(socketOptions(this.#limits), (socket) =>
      this.#events.onConnection(listener, socket),
    );
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.syscall === 'accept') this.#events.onAcceptError();
    });
    const listener: Listener = { settings, server, entrance };
    return listener;
  }
}

function boundAddress({ server }: Listener): Address {
  const { address: host, port } = server.address() as AddressInfo;
  return { host, port };
}

/** Address as text, with the listener's name where the system chooses the port, since port 0 may occur several times. */
function addressOf({ name, listen: address }: ListenerSettings): string {
  return address.port === 0 ? `${formatAddress(address)} ${name}` : formatAddress(address);
}

/** Compares settings as JSON: they are plain data, their keys in the order of the schema. */
function isSame(a: RouteSettings, b: RouteSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Waits for all promises even if one fails (unlike Promise.all), so that no listener opens unnoticed later. */
async function allOf(promises: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
