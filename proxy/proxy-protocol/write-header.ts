import { isIPv4 } from 'node:net';
import { V2_HEAD, V2_SIGNATURE } from './endpoint.ts';
import type { Endpoint, ProxiedConnection } from './endpoint.ts';
import { ipToBytes } from './ip-bytes.ts';

export const PROXY_VERSIONS = ['v1', 'v2'] as const;
export type ProxyVersion = (typeof PROXY_VERSIONS)[number];

/**
 * Makes the PROXY protocol header that tells the next proxy whose connection this is; it is sent before the first byte.
 *
 * @param connection undefined if the client's addresses are not known
 * @example
 * writeHeader('v1', { source: { address: '::1', port: 4000 }, destination: { address: '::1', port: 443 } });
 */
export function writeHeader(version: ProxyVersion, connection: ProxiedConnection | undefined): Buffer {
  return version === 'v1' ? writeV1(connection) : writeV2(connection);
}

function writeV1(connection: ProxiedConnection | undefined): Buffer {
  if (connection === undefined) return Buffer.from('PROXY UNKNOWN\r\n');
  const { source, destination } = oneFamily(connection);
  const family = isIPv4(source.address) ? 'TCP4' : 'TCP6';
  return Buffer.from(
    `PROXY ${family} ${source.address} ${destination.address} ${source.port} ${destination.port}\r\n`,
  );
}

function writeV2(connection: ProxiedConnection | undefined): Buffer {
  const body = connection === undefined ? Buffer.alloc(0) : v2Addresses(oneFamily(connection));
  const head = Buffer.alloc(V2_HEAD);
  V2_SIGNATURE.copy(head);
  head[12] = connection === undefined ? 0x20 : 0x21;
  head[13] = body.length === 0 ? 0 : body.length === 12 ? 0x11 : 0x21;
  head.writeUInt16BE(body.length, 14);
  return Buffer.concat([head, body]);
}

function v2Addresses({ source, destination }: ProxiedConnection): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  return Buffer.concat([ipToBytes(source.address), ipToBytes(destination.address), ports]);
}

/** Converts both endpoints to one family, as the header requires: next to an IPv6 address, IPv4 is written as IPv6. */
function oneFamily({ source, destination }: ProxiedConnection): ProxiedConnection {
  if (isIPv4(source.address) === isIPv4(destination.address)) return { source, destination };
  const asIPv6 = ({ address, port }: Endpoint): Endpoint => ({
    address: isIPv4(address) ? `::ffff:${address}` : address,
    port,
  });
  return { source: asIPv6(source), destination: asIPv6(destination) };
}
