/** Layers around a connection's bytes, from the outside to the inside: PROXY header, TLS, protocol. */
export type Transport = {
  /** PROXY protocol header before everything else */
  header?: ProxyHeader;
  tls?: TlsOptions;
  protocol: Protocol;
  /**
   * for an upstream that is a forward proxy (`connect`, `socks5`): it refuses each request with this status, or number of a SOCKS5 reply,
   * and closes; `never`: it reads the request and does not answer. Absent: it grants each
   */
  answer?: number | 'never';
  /** `websocket` and `websocket-frames`: on a stream of HTTP/2 (RFC 8441) in place of an upgrade of HTTP/1.1 */
  http2?: true;
  /** client of HTTP: beginning of the path of each request; of WebSocket: path that the handshake asks for, by default / */
  path?: string;
  /** client of HTTP or WebSocket: additional header fields of each request, or of the handshake, in lower case */
  headers?: Readonly<Record<string, string>>;
  /** for an upstream over HTTP/2: it does not announce that it takes extended CONNECT */
  connectProtocol?: false;
  /** client: the first bytes of the script are sent with the request for an upgrade or a tunnel, before its answer */
  eager?: boolean;
};

/** Options of a PROXY protocol header. */
export type ProxyHeader = {
  version: 'v1' | 'v2';
  /** announced address; by default the client's own */
  source?: string;
  /** UNKNOWN, or LOCAL in version 2: the connection is the proxy's own, or its client is unknown */
  anonymous?: boolean;
  /** bytes of additional fields (TLVs) in version 2; real balancers send some */
  tlv?: number;
};

export type TlsOptions = {
  /** SNI; `false`: none is sent */
  servername: string | false;
  /** protocols that ALPN offers (client) or accepts (upstream) */
  alpn?: string[];
  version?: '1.2' | '1.3';
  /** the client cuts its ClientHello into writes of this many bytes */
  pieces?: number;
  /** the client cuts its ClientHello into TLS records of this many bytes */
  records?: number;
  /** PEM file of the certificates that clients trust, in place of the lab's */
  ca?: string;
  /** certificate that this side shows; by default an upstream shows the lab's, and a client none */
  certificate?: ShownCertificate;
  /** an upstream accepts only a target that shows a certificate which the lab trusts */
  clientCertificate?: 'required';
  /** a client offers the session of an earlier connection */
  resume?: boolean;
  /** this side says nothing from this flight of its handshake on; the first is its hello */
  stall?: 1 | 2;
};

/** Certificates of the lab: its own, and those that are wrong in one way. */
export const SHOWN_CERTIFICATES = ['lab', 'none', 'expired', 'wrong-host', 'stranger'] as const;
export type ShownCertificate = (typeof SHOWN_CERTIFICATES)[number];

export const PROTOCOLS = [
  'bytes',
  'connect',
  'socks5',
  'websocket',
  'websocket-frames',
  'http',
  'http-absolute',
  'h2',
  'grpc',
] as const;

/**
 * - `bytes`: unchanged
 * - `connect`: through a tunnel requested with HTTP CONNECT; for an upstream: the proxy that the target asks
 * - `socks5`: through a tunnel requested from a SOCKS5 proxy; for an upstream: the proxy that the target asks
 * - `websocket`: raw bytes after an HTTP/1.1 upgrade, or on a stream of HTTP/2
 * - `websocket-frames`: messages of WebSocket (RFC 6455) after it
 * - `http`: the body of a request and that of its response; `http-absolute`: the same, as requested from a forward proxy
 * - `h2`: the same over HTTP/2, a stream for each request; over TLS by ALPN, else by prior knowledge
 * - `grpc`: calls of gRPC over HTTP/2
 */
export type Protocol = (typeof PROTOCOLS)[number];

/** Changes that a scenario makes to a route's transport. */
export type TransportChange = {
  header?: ProxyHeader | false;
  tls?: Partial<TlsOptions> | boolean;
  protocol?: Protocol;
  answer?: Transport['answer'];
  http2?: boolean;
  connectProtocol?: boolean;
  eager?: boolean;
  path?: string;
  headers?: Readonly<Record<string, string>>;
};

/** Default server name of clients; the lab's certificate is valid for it. */
export const DEFAULT_SERVERNAME = 'a.lastfin.test';

export const PLAIN: Transport = { protocol: 'bytes' };

/** Words that stand for whole transports. */
export const TRANSPORT_WORDS = {
  tcp: PLAIN,
  tls: overTls('bytes'),
  connect: { protocol: 'connect' },
  socks5: { protocol: 'socks5' },
  websocket: { protocol: 'websocket' },
  wss: overTls('websocket'),
  'websocket-frames': { protocol: 'websocket-frames' },
  'wss-frames': overTls('websocket-frames'),
  'websocket-h2': { ...overTls('websocket'), http2: true },
  'websocket-h2c': { protocol: 'websocket', http2: true },
  http: { protocol: 'http' },
  https: overTls('http'),
  'http-absolute': { protocol: 'http-absolute' },
  h2: overTls('h2'),
  h2c: { protocol: 'h2' },
  grpc: { protocol: 'grpc' },
  grpcs: overTls('grpc'),
} as const satisfies Record<string, Transport>;

export type TransportWord = keyof typeof TRANSPORT_WORDS;

function overTls(protocol: Protocol): Transport {
  return { tls: { servername: DEFAULT_SERVERNAME }, protocol };
}

/** Whether the bytes of this transport are bodies of HTTP messages. */
export function speaksHttp(transport: Transport): boolean {
  return transport.protocol === 'http' || transport.protocol === 'http-absolute' || speaksH2(transport);
}

/** Whether a connection becomes a WebSocket, or a stream of HTTP/2 does. */
export function isWebSocket({ protocol }: Pick<Transport, 'protocol'>): boolean {
  return protocol === 'websocket' || protocol === 'websocket-frames';
}

/** Protocols whose requests can have a path and fields that the target wants. */
const WITH_PATHS: readonly Protocol[] = ['http', 'http-absolute', 'h2'];

/** Tells whether the path and fields of a transport are for requests or a handshake; undefined: the protocol has neither. */
export function askedBy({ protocol }: Pick<Transport, 'protocol'>): 'requests' | 'handshake' | undefined {
  if (isWebSocket({ protocol })) return 'handshake';
  return WITH_PATHS.includes(protocol) ? 'requests' : undefined;
}

/** Whether requests are streams of an HTTP/2 connection. */
export function speaksH2({ protocol }: Transport): boolean {
  return protocol === 'h2' || protocol === 'grpc';
}

/** Whether a connection is one of HTTP/2, which several scripts may share. */
export function isOverH2(transport: Transport): boolean {
  return speaksH2(transport) || transport.http2 === true;
}

/**
 * Applies changes of a scenario, or of a client group, to a transport; a word replaces the whole transport, but not what the target wants
 * requests or handshakes to ask for.
 */
export function refineTransport(
  base: Transport,
  change: TransportWord | TransportChange | undefined,
): Transport {
  if (change === undefined) return base;
  if (typeof change === 'string') {
    const whole: Transport = TRANSPORT_WORDS[change];
    return { ...whole, ...askedOf(base, whole) };
  }
  const header = change.header ?? base.header;
  const tls = refineTls(base.tls, change.tls);
  const answer = change.answer ?? base.answer;
  const http2 = change.http2 ?? base.http2;
  const connectProtocol = change.connectProtocol ?? base.connectProtocol;
  const protocol = change.protocol ?? base.protocol;
  return {
    ...(header ? { header } : {}),
    ...(tls ? { tls } : {}),
    protocol,
    ...(answer === undefined ? {} : { answer }),
    ...(http2 ? { http2 } : {}),
    ...(connectProtocol === false ? { connectProtocol } : {}),
    ...((change.eager ?? base.eager) ? { eager: true } : {}),
    ...askedOf(base, { protocol }),
    ...askedOf({ ...change, protocol }, { protocol }),
  };
}

/** Path and fields that a transport names, where they are for the same as those of another. */
function askedOf(
  transport: Pick<Transport, 'protocol' | 'path' | 'headers'>,
  other: Pick<Transport, 'protocol'>,
): Pick<Transport, 'path' | 'headers'> {
  const { path, headers } = transport;
  const by = askedBy(other);
  if (by === undefined || by !== askedBy(transport)) return {};
  return { ...(path === undefined ? {} : { path }), ...(headers === undefined ? {} : { headers }) };
}

function refineTls(base: TlsOptions | undefined, change: TransportChange['tls']): TlsOptions | undefined {
  if (change === false) return undefined;
  if (change === undefined) return base;
  return { ...(base ?? { servername: DEFAULT_SERVERNAME }), ...(change === true ? {} : change) };
}

/** The same transport without anything by which an upstream keeps its connections from standing. */
export function obliging({ answer: _answer, connectProtocol: _connect, tls, ...rest }: Transport): Transport {
  if (tls === undefined) return rest;
  const { certificate: _certificate, stall: _stall, ...usual } = tls;
  return { ...rest, tls: usual };
}

/**
 * Describes a transport in a few words, for reports.
 *
 * @example
 * describeTransport({ protocol: 'http', tls: { servername: 'a.lastfin.test' } }); // 'http over tls'
 */
export function describeTransport({ header, tls, protocol, http2 }: Transport): string {
  const layers = [
    ...(protocol === 'bytes' ? [] : [protocol]),
    ...(http2 ? ['h2'] : []),
    ...(tls ? ['tls'] : []),
    ...(header ? [`PROXY ${header.version}`] : []),
  ];
  return layers.length === 0 ? 'tcp' : layers.join(' over ');
}
