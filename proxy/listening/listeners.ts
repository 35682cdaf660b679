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
import type { Limits, ListenerSettings, RouteSettings } from '../settings.ts';
import { socketOptions } from './socket-options.ts';
import type { TerminatorServices } from '../tls/terminator.ts';

/** An address that is listened on; its entrance is replaced when its routes change. */
export type Listener = { readonly settings: ListenerSettings; readonly server: Server; entrance: Entrance };

/** What listeners tell of. */
type ListenerEvents = TerminatorServices & {
  onConnection(listener: Listener, socket: Socket): void;
  /** the system had a connection and could not give it to us */
  onAcceptError(): void;
};

/** What a change of the listeners has come to. */
type Change = {
  /** one a listener, in their order */
  addresses: AddressInfo[];
  /** names of the routes that are gone, or are other ones now */
  dropped: ReadonlySet<string>;
};

/** The open listeners and their routes, changed all at once or not at all. */
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
   * Goes over to other listeners and routes. What is the same in both goes on untouched: a listener by its address, a route by
   * all its settings.
   *
   * @throws LastfinError where an address cannot be listened on; then nothing has changed
   */
  async replace(settings: readonly ListenerSettings[]): Promise<Change> {
    const before = this.routes();
    const next = settings.map((one) => this.#prepare(one, before));
    const fresh = next.filter(({ listener }) => !this.#open.includes(listener));
    const added = next.flatMap(({ entrance }) => entrance.routes).filter((route) => !before.includes(route));
    let kernelRoutes: KernelRoute[] = [];
    try {
      await allOf(added.flatMap(({ terminator }) => terminator?.listen() ?? []));
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
    // from here on nothing fails, and nobody sees half of it
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

  /** Ends what the kernel forwards; from here on its connections come to userland. */
  stopKernel(): Promise<void> {
    return this.#kernel.removeOthers([]);
  }

  /** Accepts no more. */
  stopListening(): void {
    for (const { server } of this.#open) server.close();
  }

  /** Ends the inner proxies; when no connection is left. */
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

  /** @throws LastfinError `LASTFIN_USAGE` for what the kernel cannot do; a config file was checked for that before */
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

/** Where the system chooses the port, the name tells the listeners apart. */
function addressOf({ name, listen: address }: ListenerSettings): string {
  return address.port === 0 ? `${formatAddress(address)} ${name}` : formatAddress(address);
}

/** Settings are plain data, their keys in the order of the schema. */
function isSame(a: RouteSettings, b: RouteSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Unlike Promise.all, waits for the others too where one fails, so that none is opened behind its back. */
async function allOf(promises: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(promises);
  await Promise.all(promises);
}
