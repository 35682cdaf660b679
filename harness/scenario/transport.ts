/** What the bytes of a connection travel in, from the outside to the inside: PROXY header, TLS, protocol. */
export type Carrier = {
  /** a PROXY protocol header before everything else */
  header?: ProxyHeader;
  tls?: TlsOptions;
  protocol: Protocol;
  /**
   * an upstream that is a forward proxy (`connect`, `socks5`) refuses each request with this status, or number of a SOCKS5 reply, and closes;
   * `never`: it takes the request and does not answer. Absent: it grants each
   */
  answer?: number | 'never';
  /** client: what the script sends first goes with the request for an upgrade or a tunnel, and does not wait for its answer */
  eager?: boolean;
};

/** A PROXY protocol header. */
export type ProxyHeader = {
  version: 'v1' | 'v2';
  /** the address it announces; by default the client's own */
  source?: string;
  /** UNKNOWN, or LOCAL in version 2: the connection is its proxy's own, or nobody knows whose */
  anonymous?: boolean;
  /** bytes of additional fields (TLVs) in version 2; real balancers send some */
  tlv?: number;
};

export type TlsOptions = {
  /** SNI; `false`: none is sent */
  servername: string | false;
  /** what ALPN offers (client) or takes (upstream) */
  alpn?: string[];
  version?: '1.2' | '1.3';
  /** the client cuts its ClientHello into writes of this many bytes */
  pieces?: number;
  /** the client cuts its ClientHello into TLS records of this many bytes */
  records?: number;
  /** PEM file of the certificates that clients trust, in place of the lab's */
  ca?: string;
};

export const PROTOCOLS = ['bytes', 'connect', 'socks5', 'websocket', 'http', 'http-absolute'] as const;

/**
 * - `bytes`: as they are
 * - `connect`: through a tunnel that the client asks for with HTTP CONNECT; as an upstream's: that is the proxy which the target asks
 * - `socks5`: through a tunnel that the client asks a SOCKS5 proxy for; as an upstream's: that is the proxy which the target asks
 * - `websocket`: after an HTTP/1.1 upgrade, raw
 * - `http`: the body of a request and that of its response; `http-absolute`: the same, asked for as of a forward proxy
 */
export type Protocol = (typeof PROTOCOLS)[number];

/** What a scenario changes of the carrier that a route has. */
export type CarrierChange = {
  header?: ProxyHeader | false;
  tls?: Partial<TlsOptions> | boolean;
  protocol?: Protocol;
  answer?: Carrier['answer'];
  eager?: boolean;
};

/** The name that clients ask for where nothing else is said; the lab's certificate is made out for it. */
export const DEFAULT_SERVERNAME = 'a.lastfin.test';

export const PLAIN: Carrier = { protocol: 'bytes' };

/** The words that stand for whole carriers. */
export const CARRIER_WORDS = {
  tcp: PLAIN,
  tls: overTls('bytes'),
  connect: { protocol: 'connect' },
  socks5: { protocol: 'socks5' },
  websocket: { protocol: 'websocket' },
  wss: overTls('websocket'),
  http: { protocol: 'http' },
  https: overTls('http'),
  'http-absolute': { protocol: 'http-absolute' },
} as const satisfies Record<string, Carrier>;

export type CarrierWord = keyof typeof CARRIER_WORDS;

function overTls(protocol: Protocol): Carrier {
  return { tls: { servername: DEFAULT_SERVERNAME }, protocol };
}

/** Whether the bytes of this carrier are bodies of HTTP messages. */
export function speaksHttp({ protocol }: Carrier): boolean {
  return protocol === 'http' || protocol === 'http-absolute';
}

/** A carrier with the changes of a scenario, or of one kind of its clients; a word replaces the whole carrier. */
export function refineCarrier(base: Carrier, change: CarrierWord | CarrierChange | undefined): Carrier {
  if (change === undefined) return base;
  if (typeof change === 'string') return CARRIER_WORDS[change];
  const header = change.header ?? base.header;
  const tls = refineTls(base.tls, change.tls);
  const answer = change.answer ?? base.answer;
  return {
    ...(header ? { header } : {}),
    ...(tls ? { tls } : {}),
    protocol: change.protocol ?? base.protocol,
    ...(answer === undefined ? {} : { answer }),
    ...((change.eager ?? base.eager) ? { eager: true } : {}),
  };
}

function refineTls(base: TlsOptions | undefined, change: CarrierChange['tls']): TlsOptions | undefined {
  if (change === false) return undefined;
  if (change === undefined) return base;
  return { ...(base ?? { servername: DEFAULT_SERVERNAME }), ...(change === true ? {} : change) };
}

/**
 * A carrier in a few words, for reports.
 *
 * @example
 * describeCarrier({ protocol: 'http', tls: { servername: 'a.lastfin.test' } }); // 'http over tls'
 */
export function describeCarrier({ header, tls, protocol }: Carrier): string {
  const layers = [
    ...(protocol === 'bytes' ? [] : [protocol]),
    ...(tls ? ['tls'] : []),
    ...(header ? [`PROXY ${header.version}`] : []),
  ];
  return layers.length === 0 ? 'tcp' : layers.join(' over ');
}
