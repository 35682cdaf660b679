import { LastfinError } from '../shared/errors/lastfin-error.ts';
import type { Address } from '../shared/address.ts';
import type { ProxyVersion } from './proxy-protocol/write-header.ts';

/** All durations in ms; 0 turns a limit off. */
export type Limits = {
  /** to get a connection to one upstream */
  connectTimeout: number;
  /** until the first byte from either side; on a route chosen by its first bytes, until it is chosen */
  initialTimeout: number;
  /** without a byte in either direction */
  inactivityTimeout: number;
  /** without a byte in either direction once one side has sent its FIN */
  halfOpenTimeout: number;
  /** from the accept, whatever happens */
  maxLifetime: number;
  /** from the first byte of TLS until its ClientHello is whole; where it is terminated, until the handshake is done */
  handshakeTimeout: number;
  /** from the first byte of an HTTP request until its head is whole */
  headerTimeout: number;
  /** in each such time, `bodyMinimum` bytes of a request's body must come */
  bodyTimeout: number;
  bodyMinimum: number;
  /** between a socket's end() and its destroy(); 0 is at once */
  grace: number;
  /** the same when the proxy stops */
  shutdownGrace: number;
  /** bytes of a ClientHello, with its record headers */
  clientHelloLimit: number;
  /** bytes that a client may send before its upstream is connected; 0: no limit, the client is held back instead */
  pendingLimit: number;
  /** connections at a time, of all clients; 0: no limit, as with the next two */
  maxConnections: number;
  /** connections at a time, of one address */
  maxConnectionsPerIp: number;
  /** new connections a second, of one address */
  connectionRatePerIp: number;
  /** addresses and networks that may connect; none: all may */
  allow: readonly string[];
  /** addresses and networks that may not */
  deny: readonly string[];
  /** TCP keep-alive probes on both sockets, and what that means for the inactivity timeout */
  keepAlive: KeepAliveTreatment;
  /** `extended`: how many inactivity timeouts a connection may be idle */
  keepAliveMultiplier: number;
  /** between the warning and the end of an idle keep-alive connection */
  keepAliveGrace: number;
  /** idle time before the first probe; below 1 s the system's own times hold, of this probe and the next ones */
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

/** Where the connections of a route go. */
type Destination = {
  /** names it in logs and metrics; unique in a proxy */
  name: string;
  /** tried in this order: the next one where the connect fails */
  upstreams: readonly Address[];
};

type Forwarded = Destination & {
  /** each connection begins with a PROXY header that names its client */
  sendProxyProtocol?: ProxyVersion;
};

/** Who copies the bytes: this process, or the kernel by a rule of nftables. */
export const ENGINES = ['userland', 'nftables'] as const;
export type Engine = (typeof ENGINES)[number];

/** Every connection of the listener. */
export type TcpRoute = Forwarded & {
  mode: 'tcp';
  /** `nftables`: one upstream, plain addresses, CAP_NET_ADMIN; of the limits only `allow` and `deny` apply */
  engine?: Engine;
};

/** Connections whose ClientHello asks for one of `hosts`; nothing is decrypted. */
type PassthroughRoute = Forwarded & {
  mode: 'tls-passthrough';
  /** names, `*.example.org` for any one label, or `*` for everything, clients without SNI too */
  hosts: readonly string[];
};

/** Connections whose ClientHello asks for one of `hosts` are decrypted; their HTTP requests go to the upstreams. */
export type TerminateRoute = Destination & {
  mode: 'tls-terminate';
  hosts: readonly string[];
  /** PEM text of the certificate and its chain, and of its key */
  certificate: string;
  key: string;
};

export type RouteSettings = TcpRoute | PassthroughRoute | TerminateRoute;

/** A listener has one `tcp` route, or any number of TLS routes. */
export type ListenerSettings = {
  name: string;
  listen: Address;
  /** networks of the proxies whose connections begin with a PROXY header; then all others are refused */
  acceptProxyProtocolFrom?: readonly string[];
  routes: readonly RouteSettings[];
};

/** Everything the proxy can be told. */
export type ProxySettings = Limits & { listeners: readonly ListenerSettings[] };

export type GivenSettings = Partial<Limits> & Pick<ProxySettings, 'listeners'>;

/** The defaults, in ms and bytes; `shutdownGrace` is that of `grace`. */
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

/** The longest duration, in ms: Node keeps a timer's delay in 31 bits, and a longer one fires at once. */
export const MAX_DURATION = 2 ** 31 - 1;

/**
 * One listener whose every connection goes to one upstream.
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
 * Fills in what was not said.
 *
 * @throws LastfinError `LASTFIN_USAGE` for a duration that no timer can keep
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
