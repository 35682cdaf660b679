import type { Limit } from './limit-kinds.ts';

/**
 * Every limit of the proxy, in the order of the help text. Flags, config schema and its JSON Schema are made from it when they are used;
 * `npm run docs` makes the type `Limits` (limits.ts) and docs/generated/proxy-limits.md.
 */
export const LIMIT_TABLE = {
  connectTimeout: {
    kind: 'timeout',
    fallback: 10_000,
    flag: true,
    about: 'time to connect to one upstream',
    reason:
      'TCP by itself goes on for minutes (RFC 9293, 3.8.3: 3 at least), and an application may give up sooner.',
  },
  initialTimeout: {
    kind: 'timeout',
    fallback: 60_000,
    flag: true,
    about: 'time until the first byte from either side',
    more: 'on a route that is chosen by its first bytes, until it is chosen',
    reason: 'A client that connects and never speaks would hold two sockets for as long as an idle one may.',
  },
  inactivityTimeout: {
    kind: 'timeout',
    fallback: 600_000,
    flag: true,
    about: 'time without a byte in either direction',
    reason:
      'A peer that lost its power or its network sends no FIN, and TCP need not ask for it (RFC 9293, 3.8.4).',
  },
  halfOpenTimeout: {
    kind: 'timeout',
    fallback: 120_000,
    flag: true,
    about: 'time without a byte in either direction once one side has sent its FIN',
    reason: 'The side that has closed may receive for as long as the other one likes (RFC 9293, 3.6).',
  },
  maxLifetime: {
    kind: 'timeout',
    fallback: 86_400_000,
    flag: true,
    about: 'time from the accept to the end, busy or not',
    reason: 'A byte now and then is enough to outlast every limit of idleness.',
  },
  handshakeTimeout: {
    kind: 'timeout',
    fallback: 10_000,
    flag: false,
    about: 'time from the first byte of TLS until its ClientHello is complete',
    more: 'if TLS is terminated, until the handshake is done',
    reason:
      'A ClientHello may come in any number of records (RFC 8446, 5.1), each as late as its sender likes.',
  },
  headerTimeout: {
    kind: 'timeout',
    fallback: 10_000,
    flag: false,
    about: 'time from the first byte of an HTTP request until its head is complete',
    reason:
      'A head that comes byte by byte holds its connection (Slowloris); it is answered by 408 (RFC 9110, 15.5.9).',
  },
  bodyTimeout: {
    kind: 'timeout',
    fallback: 30_000,
    flag: false,
    about: "period in which at least `bodyMinimum` bytes of a request's body must arrive",
    reason:
      'A body that trickles holds its connection and an upstream; it is answered by 408 (RFC 9110, 15.5.9).',
  },
  bodyMinimum: {
    kind: 'bytes',
    least: 1,
    fallback: 1024,
    flag: false,
    about: "bytes of a request's body that must arrive in each `bodyTimeout`",
    reason: 'A pace lets a large upload take its time, which a limit for the whole body would not.',
  },
  maxBody: {
    kind: 'bytes',
    least: 0,
    fallback: 0,
    flag: false,
    about: "most bytes of a request's body",
    more: '0: no limit; a longer one is answered by 413',
    reason:
      'A body is streamed, so its length takes no memory here; what is behind may not say so of itself.',
  },
  maxStreams: {
    kind: 'pool',
    fallback: 100,
    flag: false,
    about: 'most streams of an HTTP/2 connection at a time; 0: HTTP/2 is not offered',
    reason: 'Each may take a connection to an upstream (RFC 9113, 6.5.2 recommends 100 at least).',
  },
  idleSessionTimeout: {
    kind: 'timeout',
    fallback: 60_000,
    flag: false,
    about: 'time that an HTTP/2 connection of a client may have no stream',
    more: 'it is then told so (GOAWAY), and ends',
    reason: 'Clients keep a connection for later as long as they may; a new one costs them a handshake.',
  },
  maxHeaderFields: {
    kind: 'count',
    fallback: 128,
    flag: false,
    about: 'most fields of a request over HTTP/2',
    reason: 'A field of the static table is one byte on the wire and many here; it is answered by 431.',
  },
  maxHeaderBytes: {
    kind: 'bytes',
    least: 1024,
    fallback: 16_384,
    flag: false,
    about: 'most bytes of the fields of a request over HTTP/2, as RFC 9113, 6.5.2 counts them',
    reason:
      'Compression makes much out of little; the default is what the head of an HTTP/1.1 request may have.',
  },
  streamResets: {
    kind: 'count',
    fallback: 200,
    flag: false,
    about: 'most streams of an HTTP/2 connection that its client resets in a second',
    reason: 'A stream that is reset makes room for the next at once, and its work is done (CVE-2023-44487).',
  },
  controlBytes: {
    kind: 'bytes',
    least: 0,
    fallback: 65_536,
    flag: false,
    about: 'most bytes a second of an HTTP/2 connection that belong to no head and no body',
    more: '0: no limit',
    reason:
      'PING, SETTINGS, empty frames and padding ask for work and carry nothing (RFC 9113, 10.5; CVE-2019-9512 to 9518).',
  },
  answerTimeout: {
    kind: 'timeout',
    fallback: 60_000,
    flag: false,
    about: 'time in which the client of an HTTP/2 stream must take something of an answer that waits',
    reason: 'A window that stays shut holds a stream and its upstream, while the connection looks busy.',
  },
  idleUpstreamTimeout: {
    kind: 'grace',
    fallback: 4000,
    flag: false,
    about: 'time that a connection to an HTTP upstream waits for its next request; 0: none waits',
    reason:
      'Less than the 5 s after which many servers close it: a request that meets that end is sent twice (RFC 9112, 9.3.1).',
  },
  idleUpstreamsPerAddress: {
    kind: 'pool',
    fallback: 256,
    flag: false,
    about: 'most connections to one HTTP upstream of a route that wait for their next request',
    reason: 'Those that a burst has opened are not kept for ever, and the upstream has limits, too.',
  },
  idleUpstreams: {
    kind: 'pool',
    fallback: 1024,
    flag: false,
    about: 'most connections to HTTP upstreams that wait for their next request, of all routes',
    reason: 'Each takes a descriptor, and those are finite.',
  },
  maxUpstreamStreams: {
    kind: 'count',
    fallback: 100,
    flag: false,
    about: 'most streams of an HTTP/2 connection to an upstream at a time',
    reason:
      'A connection that is lost takes all of them with it; the upstream may allow fewer (RFC 9113, 5.1.2).',
  },
  clientHelloLimit: {
    kind: 'bytes',
    least: 64,
    fallback: 16_384,
    flag: false,
    about: 'most bytes of a ClientHello, with its record headers',
    reason:
      'It is kept in memory until it has named a route; the default is the most that one record carries (RFC 8446, 5.1).',
  },
  pendingLimit: {
    kind: 'bytes',
    least: 0,
    fallback: 0,
    flag: true,
    about: 'bytes that a client may send before its upstream is connected',
    more: '0: no limit, the client is paused instead',
    reason: 'Who speaks too early is held back by TCP itself, without memory of the proxy.',
  },
  maxConnections: {
    kind: 'count',
    fallback: 0,
    flag: true,
    about: 'most connections at a time, of all clients',
    reason: 'Each takes two descriptors and memory, and both are finite.',
  },
  maxConnectionsPerIp: {
    kind: 'count',
    fallback: 0,
    flag: true,
    about: 'most connections at a time, of one address',
    reason: 'One client cannot take what is there for all.',
  },
  connectionRatePerIp: {
    kind: 'count',
    fallback: 0,
    flag: true,
    about: 'most new connections a second, of one address',
    reason: 'Short connections cost time too, although few of them are open at once.',
  },
  allow: {
    kind: 'networks',
    fallback: [],
    flag: false,
    about: 'addresses and networks that may connect',
    more: 'empty: all',
    reason: 'Whoever has no business here is turned away before an upstream hears of it.',
  },
  deny: {
    kind: 'networks',
    fallback: [],
    flag: false,
    about: 'addresses and networks that may not connect, even if `allow` has them',
    reason: 'Single clients are turned away without a list of all others.',
  },
  keepAlive: {
    kind: 'treatment',
    fallback: 'off',
    flag: true,
    about: 'TCP keep-alive probes on both sockets, and their effect on the inactivity timeout',
    more: '`off`: no probes; `standard`: the inactivity timeout, then a warning, then `keepAliveGrace`; `extended`: the same after `keepAliveMultiplier` timeouts; `immortal`: no inactivity timeout, a peer that is gone is found by the probes, and `maxLifetime` bounds the rest',
    reason: 'Probes are off unless somebody asks for them (RFC 9293, 3.8.4).',
  },
  keepAliveMultiplier: {
    kind: 'factor',
    fallback: 6,
    flag: true,
    about: 'multiple of the inactivity timeout, for extended keep-alive',
    reason: 'A peer that answers the probes is there, but need not be there for ever.',
  },
  keepAliveDelay: {
    kind: 'grace',
    fallback: 60_000,
    flag: true,
    about: "idle time before the first keep-alive probe; below 1s: the system's own times, for all probes",
    reason:
      'Address translators and firewalls forget an idle connection before the two hours of RFC 9293, 3.8.4.',
  },
  keepAliveGrace: {
    kind: 'grace',
    fallback: 600_000,
    flag: true,
    about: 'time from the warning of inactivity to the end; 0: at once',
    reason: 'A byte after the warning (`lastfin:connection:warn`) saves the connection.',
  },
  grace: {
    kind: 'grace',
    fallback: 1000,
    flag: true,
    about: "time from a socket's graceful end to its destruction; 0: at once",
    reason: 'A peer that ignores the FIN would keep the socket for ever, so this has no `off`.',
  },
  shutdownGrace: {
    kind: 'grace',
    like: 'grace',
    flag: true,
    about: 'grace when the proxy stops; 0: at once',
    reason: 'A stop must be over before its supervisor kills: 10 s for Docker, 90 s for systemd.',
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMIT_TABLE;

/** Limits with their names, in the order of the table. */
export const LIMITS_BY_NAME = Object.entries(LIMIT_TABLE) as readonly (readonly [LimitName, Limit])[];
