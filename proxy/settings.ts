import { LastfinError } from '../shared/errors/lastfin-error.ts';
import type { Address } from '../shared/address.ts';
import { LIMITS_BY_NAME } from './limits/limit-table.ts';
import type { Limits } from './limits/limits.ts';
import type { ProxyVersion } from './proxy-protocol/write-header.ts';

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
  /** PEM text of the authorities of its clients' certificates, without which a handshake fails; absent: no client is asked for one */
  clientCa?: string;
  /** TLS to the upstreams; absent: they are asked in the clear */
  upstreamTls?: UpstreamTls;
  /** protocol of the upstreams; absent: `http/1.1`. `h2` in the clear needs no upgrade (RFC 9113, 3.3) */
  upstreamProtocol?: UpstreamProtocol;
  /** whether WebSockets pass over HTTP/2 (RFC 8441), in front and to the upstreams; absent: true. Over HTTP/1.1 they always do */
  extendedConnect?: boolean;
};

/** Protocols that HTTP upstreams are asked in. */
export const UPSTREAM_PROTOCOLS = ['http/1.1', 'h2'] as const;
export type UpstreamProtocol = (typeof UPSTREAM_PROTOCOLS)[number];

/** TLS to upstreams, whose certificates must be good for their name. */
export type UpstreamTls = {
  /** PEM text of the authorities of the upstreams' certificates; absent: those that Node.js trusts */
  ca?: string;
  /** name that is sent as SNI, and that the certificate must be for; absent: the upstream's host */
  serverName?: string;
  /** PEM texts of the certificate that is shown to upstreams that ask for one, and of its key */
  certificate?: string;
  key?: string;
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

/** Settings of a proxy; its limits are in ms and bytes. */
export type ProxySettings = Limits & { listeners: readonly ListenerSettings[] };

export type GivenSettings = Partial<Limits> & Pick<ProxySettings, 'listeners'>;

/** Defaults, in ms and bytes; `shutdownGrace` defaults to `grace`. */
export const DEFAULT_LIMITS = Object.fromEntries(
  LIMITS_BY_NAME.flatMap(([name, limit]) => ('like' in limit ? [] : [[name, limit.fallback]])),
) as Readonly<Omit<Limits, 'shutdownGrace'>>;

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
