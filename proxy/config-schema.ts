import { z } from 'zod';
import { parseBytes } from '../yaml-file/bytes.ts';
import { parseDuration } from '../yaml-file/duration.ts';
import { scalar } from '../yaml-file/scalar-fields.ts';
import { addressList } from './admission.ts';
import { parseAddress } from './address.ts';
import { LOG_REPEATS } from './log-repeats.ts';
import { LOG_LEVELS } from './logger.ts';
import { PROXY_VERSIONS } from './proxy-protocol/write-header.ts';
import { ENGINES, KEEP_ALIVE_TREATMENTS, MAX_DURATION } from './settings.ts';

/** `10s`, or `off` for 0 */
const limit = scalar('a duration up to 596h, such as 500ms or 10m, or off', (value) => {
  const read = value === 'off' ? 0 : parseDuration(value);
  return read === undefined || read > MAX_DURATION ? undefined : Math.round(read);
});

/** A grace has no `off`: without an end to it, a peer that ignores our FIN would be held for ever. */
const grace = scalar('a duration up to 596h, such as 500ms or 10s', (value) => {
  const read = parseDuration(value);
  return read === undefined || read > MAX_DURATION ? undefined : Math.round(read);
});

const bytes = (min: number) =>
  scalar(`${min} bytes or more, such as 16KiB`, (value) => {
    const read = parseBytes(value);
    return read === undefined || read < min || read > MAX_DURATION ? undefined : read;
  });

const listenAddress = scalar('host:port, such as 127.0.0.1:9000 or [::1]:0', (value) =>
  parseAddress(String(value)),
);

const upstreamAddress = scalar('host:port with a port from 1 to 65535, such as 127.0.0.1:9001', (value) => {
  const address = parseAddress(String(value));
  return address?.port === 0 ? undefined : address;
});

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
  connectTimeout: limit.optional(),
  initialTimeout: limit.optional(),
  inactivityTimeout: limit.optional(),
  halfOpenTimeout: limit.optional(),
  maxLifetime: limit.optional(),
  handshakeTimeout: limit.optional(),
  grace: grace.optional(),
  shutdownGrace: grace.optional(),
  clientHelloLimit: bytes(64).optional(),
  pendingLimit: bytes(0).optional(),
  maxConnections: z.int().min(0).optional(),
  maxConnectionsPerIp: z.int().min(0).optional(),
  connectionRatePerIp: z.int().min(0).optional(),
  allow: z.array(network).optional(),
  deny: z.array(network).optional(),
  keepAlive: z.enum(KEEP_ALIVE_TREATMENTS).optional(),
  keepAliveMultiplier: z.number().min(1).optional(),
  keepAliveGrace: grace.optional(),
  keepAliveDelay: grace.optional(),
});

const destination = {
  name: z.string().min(1).optional(),
  upstreams: z.array(upstreamAddress).min(1),
};

const forwarded = { ...destination, sendProxyProtocol: z.enum(PROXY_VERSIONS).optional() };

const hosts = z.array(host).min(1);

const route = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('tcp'), engine: z.enum(ENGINES).optional(), ...forwarded }),
  z.strictObject({ mode: z.literal('tls-passthrough'), hosts, ...forwarded }),
  z.strictObject({
    mode: z.literal('tls-terminate'),
    hosts,
    certificate: z.string().min(1),
    key: z.string().min(1),
    ...destination,
  }),
]);

/** A config file of the proxy, as it is written. */
export const configSchema = z.strictObject({
  log: z.enum(LOG_LEVELS).optional(),
  logRepeats: z.enum(LOG_REPEATS).optional(),
  admin: listenAddress.optional(),
  limits: limits.optional(),
  listeners: z
    .array(
      z.strictObject({
        name: z.string().min(1).optional(),
        listen: listenAddress,
        acceptProxyProtocolFrom: z.array(network).min(1).optional(),
        routes: z.array(route).min(1),
      }),
    )
    .min(1),
});

export type CheckedConfig = z.output<typeof configSchema>;
export type CheckedListener = CheckedConfig['listeners'][number];
