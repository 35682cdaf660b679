import { isIPv4, SocketAddress } from 'node:net';

import type { ProxyHeader } from '../../scenario/transport.ts';
import type { Recognize } from './read-head.ts';
import { TransportRefused } from './pipe.ts';

/** Endpoint that a PROXY header announces. */
export type Announced = { address: string; port: number };

/** Connection that a PROXY header announces. */
export type Ends = { source: Announced; destination: Announced };

/** Signature of HAProxy's PROXY protocol, version 2: `\r\n\r\n\0\r\nQUIT\n`. */
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const HEAD = 16;

/**
 * Writes a PROXY protocol header. Shares no code with the reference proxy on purpose: shared code would share its mistakes.
 *
 * @example
 * proxyHeader({ version: 'v1' }, { address: '127.0.0.1', port: 4000 }, { address: '127.0.0.1', port: 443 });
 */
export function proxyHeader(
  { version, anonymous = false, tlv = 0 }: ProxyHeader,
  source: Announced,
  destination: Announced,
): Buffer {
  const isV4 = isIPv4(source.address) && isIPv4(destination.address);
  if (anonymous) return version === 'v1' ? Buffer.from('PROXY UNKNOWN\r\n') : v2(0x20, 0, fieldOf(tlv));
  if (version === 'v1') {
    // a header has one address family
    const [from, to] = [source.address, destination.address].map((address) =>
      !isV4 && isIPv4(address) ? `::ffff:${address}` : address,
    );
    const ends = `${from} ${to} ${source.port} ${destination.port}`;
    return Buffer.from(`PROXY ${isV4 ? 'TCP4' : 'TCP6'} ${ends}\r\n`);
  }
  const addresses = Buffer.concat([
    addressBytes(source.address, isV4),
    addressBytes(destination.address, isV4),
    portBytes(source.port),
    portBytes(destination.port),
    fieldOf(tlv),
  ]);
  return v2(0x21, isV4 ? 0x11 : 0x21, addresses);
}

function v2(command: number, family: number, body: Buffer): Buffer {
  return Buffer.concat([SIGNATURE, Buffer.from([command, family]), portBytes(body.length), body]);
}

/** Field of `bytes` bytes in all, of a type for private use (0xE0); empty for 0. */
function fieldOf(bytes: number): Buffer {
  if (bytes === 0) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([0xe0]), portBytes(bytes - 3), Buffer.alloc(bytes - 3, 'x')]);
}

/** Reads a header; `undefined` as its value if it announces nobody (UNKNOWN, LOCAL). Throws {@link TransportRefused} for anything else. */
export const recognizeProxyHeader: Recognize<Ends | undefined> = (bytes) => {
  if (startsAlike(bytes, SIGNATURE)) return readV2(bytes);
  if (startsAlike(bytes, Buffer.from('PROXY '))) return readV1(bytes);
  throw new TransportRefused('no-proxy-header');
};

function startsAlike(bytes: Buffer, prefix: Buffer): boolean {
  const length = Math.min(bytes.length, prefix.length);
  return bytes.subarray(0, length).equals(prefix.subarray(0, length));
}

function readV1(bytes: Buffer): ReturnType<typeof recognizeProxyHeader> {
  const end = bytes.indexOf('\r\n');
  if (end < 0) return undefined;
  const [, family, address = '', to = '', port = '', toPort = ''] = bytes
    .toString('latin1', 0, end)
    .split(' ');
  const source = { address, port: Number(port) };
  const destination = { address: to, port: Number(toPort) };
  return { value: family === 'UNKNOWN' ? undefined : { source, destination }, length: end + 2 };
}

function readV2(bytes: Buffer): ReturnType<typeof recognizeProxyHeader> {
  if (bytes.length < HEAD) return undefined;
  const length = HEAD + bytes.readUInt16BE(14);
  if (bytes.length < length) return undefined;
  const width = bytes[13] === 0x11 ? 4 : bytes[13] === 0x21 ? 16 : undefined;
  if (bytes[12] !== 0x21 || width === undefined) return { value: undefined, length };
  const end = (number: 0 | 1): Announced => {
    const at = HEAD + number * width;
    const port = bytes.readUInt16BE(HEAD + 2 * width + 2 * number);
    return { address: addressText(bytes.subarray(at, at + width)), port };
  };
  return { value: { source: end(0), destination: end(1) }, length };
}

/** Port in network byte order, as in PROXY v2 and SOCKS5. */
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

/** Eight groups of an IPv6 address, however it is written. */
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
