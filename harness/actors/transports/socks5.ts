import { isIP, isIPv4 } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Address } from '../../../shared/address.ts';
import { TransportRefused } from './pipe.ts';
import { addressBytes, portBytes } from './proxy-header.ts';
import { StepFailure } from '../round-services.ts';
import { readHead, type Recognize } from './read-head.ts';

/** Version of the protocol (RFC 1928). */
const VERSION = 5;
const NO_AUTHENTICATION = 0;
const CONNECT = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/** Opens a tunnel through a SOCKS5 proxy, without authentication. Rejects with {@link TransportRefused}: `socks-5` is reply 5, connection refused. */
export async function socks5(stream: Duplex, { host, port }: Address): Promise<void> {
  stream.write(Uint8Array.of(VERSION, 1, NO_AUTHENTICATION));
  const method = await readHead(stream, recognizeMethod);
  if (method !== NO_AUTHENTICATION) throw new TransportRefused(`socks-method-${method}`);
  stream.write(Buffer.concat([Uint8Array.of(VERSION, CONNECT, 0), hostBytes(host), portBytes(port)]));
  const reply = await readHead(stream, recognizeReply);
  if (reply !== 0) throw new TransportRefused(`socks-${reply}`);
}

/** Kind of an address, and its bytes (RFC 1928, 5). */
function hostBytes(host: string): Buffer {
  if (isIP(host) === 0) return Buffer.concat([Uint8Array.of(NAME, host.length), Buffer.from(host, 'latin1')]);
  const isV4 = isIPv4(host);
  return Buffer.concat([Uint8Array.of(isV4 ? IPV4 : IPV6), addressBytes(host, isV4)]);
}

/** Reads the request for a tunnel, as a SOCKS5 proxy does, and grants it, or refuses it with this reply. */
export async function acceptSocks5(stream: Duplex, refusal?: number): Promise<void> {
  await readHead(stream, recognizeMethods);
  stream.write(Uint8Array.of(VERSION, NO_AUTHENTICATION));
  await readHead(stream, recognizeRequest);
  // bound address 0.0.0.0:0, which nobody needs
  stream.write(Uint8Array.of(VERSION, refusal ?? 0, 0, IPV4, 0, 0, 0, 0, 0, 0));
}

const recognizeMethods: Recognize<number> = (bytes) => {
  const [version, count] = bytes;
  if (version !== undefined) expectClient(bytes);
  return count === undefined || bytes.length < 2 + count ? undefined : { value: count, length: 2 + count };
};

const recognizeRequest: Recognize<number> = (bytes) => {
  const [version, command = 0, , kind, first] = bytes;
  if (version !== undefined) expectClient(bytes);
  if (first === undefined) return undefined;
  const length = 4 + addressLength(kind, first) + 2;
  return bytes.length < length ? undefined : { value: command, length };
};

const recognizeMethod: Recognize<number> = (bytes) => {
  const [version, method] = bytes;
  if (version === undefined) return undefined;
  expectVersion(version);
  return method === undefined ? undefined : { value: method, length: 2 };
};

const recognizeReply: Recognize<number> = (bytes) => {
  const [version, reply = 0, , kind, first] = bytes;
  if (version === undefined || bytes.length < 2) return undefined;
  expectVersion(version);
  // a proxy may end a refusal here
  if (reply !== 0) return { value: reply, length: bytes.length };
  if (first === undefined) return undefined;
  // address and port to which the proxy is bound
  const length = 4 + addressLength(kind, first) + 2;
  return bytes.length < length ? undefined : { value: reply, length };
};

/** Length of an address field; a name begins with its own length. */
function addressLength(kind: number | undefined, first: number): number {
  if (kind === IPV4) return 4;
  return kind === IPV6 ? 16 : 1 + first;
}

function expectClient(bytes: Buffer): void {
  if (bytes[0] === VERSION) return;
  const received = JSON.stringify(bytes.toString('latin1', 0, 8));
  throw new StepFailure(`expected a SOCKS5 request, the target says ${received}`);
}

function expectVersion(version: number): void {
  if (version !== VERSION) throw new TransportRefused(`socks-version-${version}`);
}
