import { isIPv4, SocketAddress } from 'node:net';

import type { Recognize } from './read-head.ts';
import { CarrierRefused } from './pipe.ts';

/** The two ends that a PROXY header announces. */
export type Announced = { address: string; port: number };

/** HAProxy's PROXY protocol, version 2: `\r\n\r\n\0\r\nQUIT\n` */
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const HEAD = 16;

/**
 * A PROXY protocol header. Written apart from the reference proxy's on purpose: two that share their code also share its mistakes.
 *
 * @example
 * proxyHeader('v1', { address: '127.0.0.1', port: 4000 }, { address: '127.0.0.1', port: 443 });
 */
export function proxyHeader(version: 'v1' | 'v2', source: Announced, destination: Announced): Buffer {
  const isV4 = isIPv4(source.address) && isIPv4(destination.address);
  if (version === 'v1') {
    const ends = `${source.address} ${destination.address} ${source.port} ${destination.port}`;
    return Buffer.from(`PROXY ${isV4 ? 'TCP4' : 'TCP6'} ${ends}\r\n`);
  }
  const addresses = Buffer.concat([
    addressBytes(source.address, isV4),
    addressBytes(destination.address, isV4),
    portBytes(source.port),
    portBytes(destination.port),
  ]);
  return Buffer.concat([
    SIGNATURE,
    Buffer.from([0x21, isV4 ? 0x11 : 0x21]),
    portBytes(addresses.length),
    addresses,
  ]);
}

/** Reads a header; `undefined` as its value where it announces nobody (UNKNOWN, LOCAL). Throws {@link CarrierRefused} for none. */
export const recognizeProxyHeader: Recognize<Announced | undefined> = (bytes) => {
  if (startsAlike(bytes, SIGNATURE)) return readV2(bytes);
  if (startsAlike(bytes, Buffer.from('PROXY '))) return readV1(bytes);
  throw new CarrierRefused('no-proxy-header');
};

function startsAlike(bytes: Buffer, prefix: Buffer): boolean {
  const length = Math.min(bytes.length, prefix.length);
  return bytes.subarray(0, length).equals(prefix.subarray(0, length));
}

function readV1(bytes: Buffer): ReturnType<typeof recognizeProxyHeader> {
  const end = bytes.indexOf('\r\n');
  if (end < 0) return undefined;
  const [, family, address = '', , port = ''] = bytes.toString('latin1', 0, end).split(' ');
  const value = family === 'UNKNOWN' ? undefined : { address, port: Number(port) };
  return { value, length: end + 2 };
}

function readV2(bytes: Buffer): ReturnType<typeof recognizeProxyHeader> {
  if (bytes.length < HEAD) return undefined;
  const length = HEAD + bytes.readUInt16BE(14);
  if (bytes.length < length) return undefined;
  const width = bytes[13] === 0x11 ? 4 : bytes[13] === 0x21 ? 16 : undefined;
  if (bytes[12] !== 0x21 || width === undefined) return { value: undefined, length };
  const address = bytes.subarray(HEAD, HEAD + width);
  const port = bytes.readUInt16BE(HEAD + 2 * width);
  return { value: { address: addressText(address), port }, length };
}

/** Network byte order, as PROXY v2 and SOCKS5 have it. */
export function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(port);
  return bytes;
}

export function addressBytes(address: string, isV4: boolean): Buffer {
  if (isV4) return Buffer.from(address.split('.').map(Number));
  const groups = isIPv4(address) ? `::ffff:${address}` : address;
  return Buffer.from(
    expandIPv6(groups)
      .map((group) => [group >> 8, group & 0xff])
      .flat(),
  );
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address;
}

/** The eight groups of an IPv6 address, whichever way it is written. */
function expandIPv6(address: string): number[] {
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [(Number(a) << 8) | Number(b), (Number(c) << 8) | Number(d)].map((one) => one.toString(16)).join(':'),
  );
  const [head = '', tail] = plain.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return groups(head);
  const [left, right] = [groups(head), groups(tail)];
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}
