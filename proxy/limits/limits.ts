// Generated from limit-table.ts by `npm run docs`: do not edit.
import type { KeepAliveTreatment } from './limit-kinds.ts';

/** Limits of a proxy; docs/generated/proxy-limits.md says why each of them is there. */
export type Limits = {
  /** Time to connect to one upstream. In ms; 0: no limit. Default: 10000. */
  connectTimeout: number;
  /**
   * Time until the first byte from either side; on a route that is chosen by its first bytes, until it is chosen.
   * In ms; 0: no limit. Default: 60000.
   */
  initialTimeout: number;
  /** Time without a byte in either direction. In ms; 0: no limit. Default: 600000. */
  inactivityTimeout: number;
  /**
   * Time without a byte in either direction once one side has sent its FIN.
   * In ms; 0: no limit. Default: 120000.
   */
  halfOpenTimeout: number;
  /** Time from the accept to the end, busy or not. In ms; 0: no limit. Default: 86400000. */
  maxLifetime: number;
  /**
   * Time from the first byte of TLS until its ClientHello is complete; if TLS is terminated, until the handshake is done.
   * In ms; 0: no limit. Default: 10000.
   */
  handshakeTimeout: number;
  /**
   * Time from the first byte of an HTTP request until its head is complete.
   * In ms; 0: no limit. Default: 10000.
   */
  headerTimeout: number;
  /**
   * Period in which at least `bodyMinimum` bytes of a request's body must arrive.
   * In ms; 0: no limit. Default: 30000.
   */
  bodyTimeout: number;
  /** Bytes of a request's body that must arrive in each `bodyTimeout`. Default: 1024. */
  bodyMinimum: number;
  /** Most bytes of a request's body; 0: no limit; a longer one is answered by 413. Default: 0. */
  maxBody: number;
  /** Most streams of an HTTP/2 connection at a time; 0: HTTP/2 is not offered. 0: none. Default: 100. */
  maxStreams: number;
  /**
   * Time that an HTTP/2 connection of a client may have no stream; it is then told so (GOAWAY), and ends.
   * In ms; 0: no limit. Default: 60000.
   */
  idleSessionTimeout: number;
  /** Most fields of a request over HTTP/2. 0: no limit. Default: 128. */
  maxHeaderFields: number;
  /** Most bytes of the fields of a request over HTTP/2, as RFC 9113, 6.5.2 counts them. Default: 16384. */
  maxHeaderBytes: number;
  /** Most streams of an HTTP/2 connection that its client resets in a second. 0: no limit. Default: 200. */
  streamResets: number;
  /**
   * Most bytes a second of an HTTP/2 connection that belong to no head and no body; 0: no limit.
   * Default: 65536.
   */
  controlBytes: number;
  /**
   * Time in which the client of an HTTP/2 stream must take something of an answer that waits.
   * In ms; 0: no limit. Default: 60000.
   */
  answerTimeout: number;
  /**
   * Time that a connection to an HTTP upstream waits for its next request; 0: none waits.
   * In ms. Default: 4000.
   */
  idleUpstreamTimeout: number;
  /**
   * Most connections to one HTTP upstream of a route that wait for their next request.
   * 0: none. Default: 256.
   */
  idleUpstreamsPerAddress: number;
  /**
   * Most connections to HTTP upstreams that wait for their next request, of all routes.
   * 0: none. Default: 1024.
   */
  idleUpstreams: number;
  /** Most streams of an HTTP/2 connection to an upstream at a time. 0: no limit. Default: 100. */
  maxUpstreamStreams: number;
  /** Most bytes of a ClientHello, with its record headers. Default: 16384. */
  clientHelloLimit: number;
  /**
   * Bytes that a client may send before its upstream is connected; 0: no limit, the client is paused instead.
   * Default: 0.
   */
  pendingLimit: number;
  /** Most connections at a time, of all clients. 0: no limit. Default: 0. */
  maxConnections: number;
  /** Most connections at a time, of one address. 0: no limit. Default: 0. */
  maxConnectionsPerIp: number;
  /** Most new connections a second, of one address. 0: no limit. Default: 0. */
  connectionRatePerIp: number;
  /** Addresses and networks that may connect; empty: all. Default: []. */
  allow: readonly string[];
  /** Addresses and networks that may not connect, even if `allow` has them. Default: []. */
  deny: readonly string[];
  /**
   * TCP keep-alive probes on both sockets, and their effect on the inactivity timeout; `off`: no probes; `standard`: the inactivity timeout, then a warning, then `keepAliveGrace`; `extended`: the same after `keepAliveMultiplier` timeouts; `immortal`: no inactivity timeout, a peer that is gone is found by the probes, and `maxLifetime` bounds the rest.
   * Default: "off".
   */
  keepAlive: KeepAliveTreatment;
  /** Multiple of the inactivity timeout, for extended keep-alive. 1 or more. Default: 6. */
  keepAliveMultiplier: number;
  /**
   * Idle time before the first keep-alive probe; below 1s: the system's own times, for all probes.
   * In ms. Default: 60000.
   */
  keepAliveDelay: number;
  /** Time from the warning of inactivity to the end; 0: at once. In ms. Default: 600000. */
  keepAliveGrace: number;
  /** Time from a socket's graceful end to its destruction; 0: at once. In ms. Default: 1000. */
  grace: number;
  /** Grace when the proxy stops; 0: at once. In ms. Default: `grace`. */
  shutdownGrace: number;
};
