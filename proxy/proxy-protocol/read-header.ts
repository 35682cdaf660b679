import { isIPv4, isIPv6 } from 'node:net';
import { V2_HEAD, V2_SIGNATURE } from './endpoint.ts';
import type { Endpoint, HeaderRead } from './endpoint.ts';
import { bytesToIp } from './ip-bytes.ts';

const V1_PREFIX = Buffer.from('PROXY ');
/** Length of the longest line of version 1, with its line break. */
const V1_LIMIT = 107;

/**
 * Reads a PROXY protocol header of version 1 or 2 from the first bytes of a connection. Pure; the caller bounds how many bytes
 * there can be (version 2 allows 65,551).
 *
 * @example
 * readHeader(Buffer.from('PROXY TCP4 10.0.0.1 10.0.0.2 4000 443\r\n')); // { state: 'complete', length: 39, … }
 */
export function readHeader(bytes: Buffer): HeaderRead {
  if (beginsLike(bytes, V1_PREFIX)) return readV1(bytes);
  if (beginsLike(bytes, V2_SIGNATURE)) return readV2(bytes);
  return invalid('no PROXY header');
}

const INCOMPLETE: HeaderRead = { state: 'incomplete' };

const invalid = (why: string): HeaderRead => ({ state: 'invalid', why });

function beginsLike(bytes: Buffer, prefix: Buffer): boolean {
  const length = Math.min(bytes.length, prefix.length);
  return bytes.subarray(0, length).equals(prefix.subarray(0, length));
}

function readV1(bytes: Buffer): HeaderRead {
  const end = bytes.subarray(0, V1_LIMIT).indexOf('\r\n');
  if (end === -1) return bytes.length < V1_LIMIT ? INCOMPLETE : invalid('the PROXY line does not end');
  const length = end + 2;
  const words = bytes.toString('latin1', V1_PREFIX.length, end).split(' ');
  const [family, from = '', to = '', fromPort = '', toPort = ''] = words;
  if (family === 'UNKNOWN') return { state: 'complete', length };
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined;
  const source = v1Endpoint(from, fromPort);
  const destination = v1Endpoint(to, toPort);
  if (words.length !== 5 || isAddress === undefined || !isAddress(from) || !isAddress(to)) {
    return invalid('the PROXY line has no two addresses');
  }
  if (source === undefined || destination === undefined) return invalid('the PROXY line has no two ports');
  return { state: 'complete', length, connection: { source, destination } };
}

function v1Endpoint(address: string, port: string): Endpoint | undefined {
  return /^(0|[1-9]\d{0,4})$/.test(port) && Number(port) < 65_536
    ? { address, port: Number(port) }
    : undefined;
}

function readV2(bytes: Buffer): HeaderRead {
  if (bytes.length < V2_HEAD) return INCOMPLETE;
  const command = bytes[12]!;
  if (command >> 4 !== 2 || (command & 15) > 1) return invalid('not a command of PROXY version 2');
  const length = V2_HEAD + bytes.readUInt16BE(14);
  const family = bytes[13]!;
  const size = family === 0x11 ? 4 : family === 0x21 ? 16 : undefined;
  if (size !== undefined && length < V2_HEAD + 2 * size + 4) return invalid('the PROXY header is cut short');
  if (bytes.length < length) return INCOMPLETE;
  // LOCAL, and families other than TCP over IP: the connection is the peer's own
  if ((command & 15) === 0 || size === undefined) return { state: 'complete', length };
  const at = (offset: number): string => bytesToIp(bytes.subarray(V2_HEAD + offset, V2_HEAD + offset + size));
  const ports = V2_HEAD + 2 * size;
  const source = { address: at(0), port: bytes.readUInt16BE(ports) };
  const destination = { address: at(size), port: bytes.readUInt16BE(ports + 2) };
  return { state: 'complete', length, connection: { source, destination } };
}
