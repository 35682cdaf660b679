import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { ApiError } from '../api-error.ts';

export type HostPort = {
  readonly host: string;
  readonly port: string;
};

/** The service names that Go knows without asking the system. */
const SERVICES: Readonly<Record<string, number>> = {
  domain: 53,
  ftp: 21,
  ftps: 990,
  gopher: 70,
  http: 80,
  https: 443,
  imap2: 143,
  imap3: 220,
  imaps: 993,
  pop3: 110,
  pop3s: 995,
  smtp: 25,
  ssh: 22,
  submissions: 465,
  telnet: 23,
};

/** Splits `host:port` and `[host]:port` as Go's `net.SplitHostPort` does, with its error texts (500). */
export function splitHostPort(address: string): HostPort {
  const fail = (why: string): ApiError => new ApiError(`address ${address}: ${why}`, 500);
  const colon = address.lastIndexOf(':');
  if (colon < 0) throw fail('missing port in address');
  let host: string;
  let open = 0;
  let close = 0;
  if (address.startsWith('[')) {
    const end = address.indexOf(']');
    if (end < 0) throw fail("missing ']' in address");
    if (end + 1 === address.length) throw fail('missing port in address');
    if (end + 1 !== colon) {
      throw fail(address[end + 1] === ':' ? 'too many colons in address' : 'missing port in address');
    }
    host = address.slice(1, end);
    open = 1;
    close = end + 1;
  } else {
    host = address.slice(0, colon);
    if (host.includes(':')) throw fail('too many colons in address');
  }
  if (address.includes('[', open)) throw fail("unexpected '[' in address");
  if (address.includes(']', close)) throw fail("unexpected ']' in address");
  return { host, port: address.slice(colon + 1) };
}

/** Go's port grammar: a decimal number with any sign and zeros, a service name, or nothing for 0. */
export function parsePort(port: string): number {
  if (port === '') return 0;
  if (/^[+-]?\d+$/.test(port)) {
    const number = Number(port);
    if (number < 0 || number > 65_535) throw new ApiError(`address ${port}: invalid port`, 500);
    return Math.abs(number);
  }
  const service = SERVICES[port.toLowerCase()];
  if (service === undefined) throw new ApiError(`lookup tcp/${port}: unknown port`, 500);
  return service;
}

/** An address to listen on, resolved. `host` is empty for all interfaces. */
export type ListenAddress = {
  readonly host: string;
  readonly port: number;
};

/** Resolves a listen address as Go's `net.ResolveTCPAddr` does; IPv4 is preferred. Throws an {@link ApiError} (500). */
export async function resolveListen(address: string): Promise<ListenAddress> {
  if (address === '') return { host: '', port: 0 };
  const { host, port } = splitHostPort(address);
  const number = parsePort(port);
  if (host === '' || isIP(host) !== 0) return { host, port: number };
  try {
    // The system resolver takes 127.1 for an address; Go does not.
    if (/^[\d.]*$/.test(host)) throw new Error('not an IPv4 address');
    const { address: resolved } = await lookup(host, { verbatim: false });
    return { host: resolved, port: number };
  } catch (error) {
    throw new ApiError(`lookup ${host}: no such host`, 500, { cause: error });
  }
}

/** `host:port`, with brackets around IPv6. */
export function joinHostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** All interfaces of IPv4 (and so, in Go, of IPv6 too). */
export function isWildcard(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}
