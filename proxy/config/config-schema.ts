import * as z from '../../shared/vendor/zod.ts';
import { parseBytes } from '../../shared/yaml-file/values/bytes.ts';
import { parseDuration } from '../../shared/yaml-file/values/duration.ts';
import { scalar } from '../../shared/yaml-file/values/scalar-fields.ts';
import { addressList } from '../routing/admission.ts';
import { parseAddress } from '../../shared/address.ts';
import { LOG_REPEATS } from '../observe/log-repeats.ts';
import { LOG_LEVELS } from '../observe/logger.ts';
import { PROXY_VERSIONS } from '../proxy-protocol/write-header.ts';
import { ENGINES, KEEP_ALIVE_TREATMENTS, MAX_DURATION } from '../settings.ts';

const DURATION = '\\d+(\\.\\d+)?(ms|s|m|h)';

/** `10s`, or `off` for 0 */
const limit = scalar(
  'a duration up to 596h, such as 500ms or 10m, or off',
  (value) => {
    const read = value === 'off' ? 0 : parseDuration(value);
    return read === undefined || read > MAX_DURATION ? undefined : Math.round(read);
  },
  `^(off|${DURATION})$`,
);

/** A grace has no `off`: without an end to it, a peer that ignores our FIN would be held for ever. */
const grace = scalar(
  'a duration up to 596h, such as 500ms or 10s',
  (value) => {
    const read = parseDuration(value);
    return read === undefined || read > MAX_DURATION ? undefined : Math.round(read);
  },
  `^${DURATION}$`,
);

const bytes = (min: number) =>
  scalar(
    `${min} bytes or more, such as 16KiB`,
    (value) => {
      const read = parseBytes(value);
      return read === undefined || read < min || read > MAX_DURATION ? undefined : read;
    },
    '^\\d+ ?(B|KiB|MiB|GiB)?$',
  );

/** `host:port` */
const ADDRESS = '^(\\[[\\da-fA-F:.]+\\]|[^:\\[\\]]+):\\d{1,5}$';

const listenAddress = scalar(
  'host:port, such as 127.0.0.1:9000 or [::1]:0',
  (value) => parseAddress(String(value)),
  ADDRESS,
);

const upstreamAddress = scalar(
  'host:port with a port from 1 to 65535, such as 127.0.0.1:9001',
  (value) => {
    const address = parseAddress(String(value));
    return address?.port === 0 ? undefined : address;
  },
  ADDRESS,
);

const host = scalar('a host name, `*.` and a host name, or `*`', (value) => {
  const text = String(value).toLowerCase();
  return /^(\*|(\*\.)?[a-z\d_-]+(\.[a-z\d_-]+)*)$/.test(text) ? text : undefined;
});

const network = scalar('an address or a network, such as 10.0.0.0/8 or ::1', (value) => {
  try {
    addressList([String(value)]);
    return String(value);
  } catch {
    return undefined;
  }
});

const limits = z.strictObject({
  connectTimeout: limit.optional().describe('To each upstream.'),
  initialTimeout: limit.optional().describe('Until the first byte, and until a route is chosen.'),
  inactivityTimeout: limit.optional().describe('Without a byte in either direction.'),
  halfOpenTimeout: limit.optional().describe('Without a byte, once one side has ended.'),
  maxLifetime: limit.optional().describe('Of a connection, whatever passes.'),
  handshakeTimeout: limit
    .optional()
    .describe(
      'From the first byte of TLS to its whole ClientHello; where it is terminated, to the end of the handshake.',
    ),
  headerTimeout: limit.optional().describe('From the first byte of an HTTP request to its whole head.'),
  bodyTimeout: limit.optional().describe('In each such time, `bodyMinimum` of a request’s body must come.'),
  bodyMinimum: bytes(1).optional().describe('Bytes of a request’s body in each `bodyTimeout`.'),
  grace: grace.optional().describe('From a socket’s graceful end to its destruction.'),
  shutdownGrace: grace.optional().describe('The same at a stop; by default `grace`.'),
  clientHelloLimit: bytes(64).optional().describe('Of a TLS ClientHello.'),
  pendingLimit: bytes(0).optional().describe('Bytes before the upstream is connected; 0: held back instead.'),
  maxConnections: z.int().min(0).optional().describe('At a time; 0: no limit.'),
  maxConnectionsPerIp: z.int().min(0).optional().describe('At a time, of one address; 0: no limit.'),
  connectionRatePerIp: z.int().min(0).optional().describe('New ones a second, of one address; 0: no limit.'),
  allow: z.array(network).optional().describe('Addresses and networks; empty: everybody.'),
  deny: z.array(network).optional().describe('Addresses and networks, before `allow`.'),
  keepAlive: z
    .enum(KEEP_ALIVE_TREATMENTS)
    .optional()
    .describe('What becomes of idle connections: a longer limit, or none.'),
  keepAliveMultiplier: z.number().min(1).optional().describe('`extended`: times `inactivityTimeout`.'),
  keepAliveGrace: grace.optional().describe('From the warning to the end.'),
  keepAliveDelay: grace.optional().describe('From the last byte to the first probe of TCP keep-alive.'),
});

const destination = {
  name: z.string().min(1).optional(),
  upstreams: z.array(upstreamAddress).min(1).describe('The next one where a connect fails.'),
};

const forwarded = {
  ...destination,
  sendProxyProtocol: z.enum(PROXY_VERSIONS).optional().describe('The upstream is told who its client is.'),
};

const hosts = z.array(host).min(1).describe('Names of SNI: the exact one wins, then the wildcard, then `*`.');

const route = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('tcp'),
    engine: z.enum(ENGINES).optional().describe('nftables: the kernel forwards.'),
    ...forwarded,
  }),
  z.strictObject({ mode: z.literal('tls-passthrough'), hosts, ...forwarded }),
  z.strictObject({
    mode: z.literal('tls-terminate'),
    hosts,
    certificate: z.string().min(1).describe('PEM file, relative to this one.'),
    key: z.string().min(1).describe('PEM file, relative to this one.'),
    ...destination,
  }),
]);

/** A config file of the proxy, as it is written. */
export const configSchema = z.strictObject({
  log: z.enum(LOG_LEVELS).optional(),
  logRepeats: z
    .enum(LOG_REPEATS)
    .optional()
    .describe('Whether the ends of a mass disconnect have a line each, or one with their count.'),
  admin: listenAddress.optional().describe('Where GET /metrics is answered.'),
  limits: limits.optional(),
  listeners: z
    .array(
      z.strictObject({
        name: z.string().min(1).optional(),
        listen: listenAddress,
        acceptProxyProtocolFrom: z
          .array(network)
          .min(1)
          .optional()
          .describe('Trusted proxies: every connection begins with a PROXY header, and others are refused.'),
        routes: z.array(route).min(1),
      }),
    )
    .min(1),
});

export type CheckedConfig = z.output<typeof configSchema>;
export type CheckedListener = CheckedConfig['listeners'][number];
