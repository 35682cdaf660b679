import * as z from '../../shared/vendor/zod.ts';
import { scalar } from '../../shared/yaml-file/values/scalar-fields.ts';
import { parseAddress } from '../../shared/address.ts';
import { LOG_REPEATS } from '../observe/log-repeats.ts';
import { LOG_LEVELS } from '../observe/logger.ts';
import { PROXY_VERSIONS } from '../proxy-protocol/write-header.ts';
import { ENGINES, UPSTREAM_PROTOCOLS } from '../settings.ts';
import { limitsSchema } from './limits-schema.ts';
import { network } from './network.ts';

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
    clientCa: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of the authorities of client certificates, which are then required.'),
    upstreamTls: z
      .strictObject({
        ca: z
          .string()
          .min(1)
          .optional()
          .describe('PEM file of the authorities of the upstreams; by default those that Node.js trusts.'),
        serverName: z
          .string()
          .min(1)
          .optional()
          .describe('Name that the certificate must be for; by default the host of the upstream.'),
        certificate: z.string().min(1).optional().describe('PEM file that is shown to upstreams that ask.'),
        key: z.string().min(1).optional().describe('PEM file of its key.'),
      })
      .optional()
      .describe('TLS to the upstreams.'),
    upstreamProtocol: z
      .enum(UPSTREAM_PROTOCOLS)
      .optional()
      .describe('Protocol of the upstreams; by default http/1.1. h2 needs no TLS.'),
    extendedConnect: z
      .boolean()
      .optional()
      .describe('Whether WebSockets pass over HTTP/2 (RFC 8441); by default true. Over HTTP/1.1 they do.'),
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
  limits: limitsSchema.optional(),
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
