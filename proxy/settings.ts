import { LastfinError } from '../shared/errors/lastfin-error.ts';
import type { Address } from '../shared/address.ts';
import type { ProxyVersion } from './proxy-protocol/write-header.ts';

/** All durations in ms; 0 turns a limit off. */
export type Limits = {
  /** time to connect to one upstream */
  connectTimeout: number;
  /** time until the first byte from either side; on a route chosen by its first bytes, until it is chosen */
  initialTimeout: number;
  /** time without a byte in either direction */
  inactivityTimeout: number;
  /** time without a byte in either direction once one side has sent its FIN */
  halfOpenTimeout: number;
  /** time from the accept, whatever happens */
  maxLifetime: number;
  /** time from the first byte of TLS until its ClientHello is complete; if TLS is terminated, until the handshake is done */
  handshakeTimeout: number;
  /** time from the first byte of an HTTP request until its head is complete */
  headerTimeout: number;
  /** period in which at least `bodyMinimum` bytes of a request's body must arrive */
  bodyTimeout: number;
  bodyMinimum: number;
  /** time between a socket's end() and its destroy(); 0 is at once */
  grace: number;
  /** grace when the proxy stops */
  shutdownGrace: number;
  /** most bytes of a ClientHello, with its record headers */
  clientHelloLimit: number;
  /** bytes that a client may send before its upstream is connected; 0: no limit, the client is paused instead */
  pendingLimit: number;
  /** most connections at a time, of all clients; 0: no limit, as with the next two */
  maxConnections: number;
  /** most connections at a time, of one address */
  maxConnectionsPerIp: number;
  /** most new connections a second, of one address */
  connectionRatePerIp: number;
  /** addresses and networks that may connect; empty: all */
  allow: readonly string[];
  /** addresses and networks that may not connect */
  deny: readonly string[];
  /** TCP keep-alive probes on both sockets, and their effect on the inactivity timeout */
  keepAlive: KeepAliveTreatment;
  /** `extended`: number of inactivity timeouts for which a connection may be idle */
  keepAliveMultiplier: number;
  /** time between the warning and the end of an idle keep-alive connection */
  keepAliveGrace: number;
  /** idle time before the first probe; below 1 s the system's own times apply, to this probe and the next ones */
  keepAliveDelay: number;
};

/**
 * - `off`: no probes
 * - `standard`: the inactivity timeout, then a warning, then the grace
 * - `extended`: the same after `keepAliveMultiplier` timeouts
 * - `immortal`: no inactivity timeout; a peer that is gone is found by the probes, and `maxLifetime` bounds the rest
 */
export const KEEP_ALIVE_TREATMENTS = ['off', 'standard', 'extended', 'immortal'] as const;
type KeepAliveTreatment = (typeof KEEP_ALIVE_TREATMENTS)[number];

/** Destination of a route's connections. */
type Destination = {
  /** name of the route in logs and metrics; unique in a proxy */
  name: string;
  /** upstreams in the order in which they are tried: the next one if the connect fails */
  upstreams: readonly Address[];
};

type Forwarded = Destination & {
  /** version of the PROXY header that announces the client at the start of each connection; absent: none */
  sendProxyProtocol?: ProxyVersion;
};

/** Engines that copy the bytes: this process, or the kernel by an nftables rule. */
export const ENGINES = ['userland', 'nftables'] as const;
export type Engine = (typeof ENGINES)[number];

/** Route for every connection of a listener. */
export type TcpRoute = Forwarded & {
  mode: 'tcp';
  /** `nftables` requires one upstream, plain addresses and CAP_NET_ADMIN; of the limits only `allow` and `deny` apply */
  engine?: Engine;
};

/** Route for connections whose ClientHello asks for one of `hosts`; nothing is decrypted. */
type PassthroughRoute = Forwarded & {
  mode: 'tls-passthrough';
  /** names, `*.example.org` for any one label, or `*` for everything, including clients without SNI */
  hosts: readonly string[];
};

/** Route that decrypts connections whose ClientHello asks for one of `hosts`, and forwards their HTTP requests. */
export type TerminateRoute = Destination & {
  mode: 'tls-terminate';
  hosts: readonly string[];
  /** PEM text of the certificate with its chain, and of its key */
  certificate: string;
  key: string;
};

export type RouteSettings = TcpRoute | PassthroughRoute | TerminateRoute;

/** Listener with one `tcp` route or any number of TLS routes. */
export type ListenerSettings = {
  name: string;
  listen: Address;
  /** networks of the proxies whose connections begin with a PROXY header; all others are refused */
  acceptProxyProtocolFrom?: readonly string[];
  routes: readonly RouteSettings[];
};

/** Settings of a proxy. */
export type ProxySettings = Limits & { listeners: readonly ListenerSettings[] };

export type GivenSettings = Partial<Limits> & Pick<ProxySettings, 'listeners'>;

/** Defaults, in ms and bytes; `shutdownGrace` defaults to `grace`. */
export const DEFAULT_LIMITS = {
  connectTimeout: 10_000,
  initialTimeout: 60_000,
  inactivityTimeout: 600_000,
  halfOpenTimeout: 120_000,
  maxLifetime: 86_400_000,
  handshakeTimeout: 10_000,
  headerTimeout: 10_000,
  bodyTimeout: 30_000,
  bodyMinimum: 1024,
  grace: 1000,
  clientHelloLimit: 16_384,
  pendingLimit: 0,
  maxConnections: 0,
  maxConnectionsPerIp: 0,
  connectionRatePerIp: 0,
  allow: [],
  deny: [],
  keepAlive: 'off',
  keepAliveMultiplier: 6,
  keepAliveGrace: 600_000,
  keepAliveDelay: 60_000,
} as const satisfies Partial<Limits>;

/** Longest duration, in ms: Node keeps a timer's delay in 31 bits, and a longer one fires at once. */
export const MAX_DURATION = 2 ** 31 - 1;

/**
 * Settings of a listener that forwards every connection to one upstream.
 *
 * @example
 * import { tcpListener } from 'lastfin/proxy';
 *
 * const [listener] = tcpListener({ host: '::1', port: 0 }, { host: '::1', port: 9001 });
 * listener?.routes.length; // 1
 */
export function tcpListener(listen: Address, upstream: Address, engine?: Engine): ListenerSettings[] {
  const route: TcpRoute = { name: 'tcp', mode: 'tcp', upstreams: [upstream], ...(engine && { engine }) };
  return [{ name: 'tcp', listen, routes: [route] }];
}

/**
 * Fills in the defaults.
 *
 * @throws LastfinError `LASTFIN_USAGE` for a duration beyond {@link MAX_DURATION}
 */
export function withDefaults(settings: GivenSettings): ProxySettings {
  const { listeners, ...limits } = settings;
  const filled = { ...DEFAULT_LIMITS, shutdownGrace: limits.grace ?? DEFAULT_LIMITS.grace, ...limits };
  for (const [name, value] of Object.entries(filled)) {
    if (typeof value === 'number' && !(value >= 0 && value <= MAX_DURATION)) {
      const message = `${name} is ${value}: expected 0 to ${MAX_DURATION}`;
      throw new LastfinError('LASTFIN_USAGE', message, { facts: { setting: name, value } });
    }
  }
  if (filled.keepAliveMultiplier < 1) {
    throw new LastfinError('LASTFIN_USAGE', 'keepAliveMultiplier must be 1 or more');
  }
  return { listeners, ...filled };
}
