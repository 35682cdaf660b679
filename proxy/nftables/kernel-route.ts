import { isIP, isIPv6 } from 'node:net';
import { addressList, isListed } from '../routing/admission.ts';
import type { Address } from '../../shared/address.ts';
import type { TcpRoute } from '../settings.ts';

/** Route that the kernel forwards, with the address that its listener has bound. */
export type KernelRoute = {
  name: string;
  listen: Address;
  upstream: Address;
  /** addresses and networks that may connect, as in the limits; the others are left to userland, which refuses them */
  allow: readonly string[];
  deny: readonly string[];
};

const LOOPBACK = addressList(['127.0.0.0/8', '::1']);

/** Whether a host stands for every address of the machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

export function isLoopback(host: string): boolean {
  return isListed(LOOPBACK, host);
}

/**
 * Problem that prevents the kernel from forwarding a route, with its fix; undefined if there is none.
 *
 * @param host address of the listener
 */
export function kernelRouteProblem(
  host: string,
  { upstreams, sendProxyProtocol }: Pick<TcpRoute, 'upstreams' | 'sendProxyProtocol'>,
  takesProxyProtocol: boolean,
): string | undefined {
  const [upstream] = upstreams;
  if (sendProxyProtocol !== undefined || takesProxyProtocol) {
    return 'the kernel cannot read or write PROXY headers: remove them, or remove `engine: nftables`';
  }
  if (upstream === undefined || upstreams.length !== 1) {
    return 'the kernel cannot fail over: give exactly one upstream';
  }
  for (const address of [host, upstream.host]) {
    if (isIP(address) === 0 || address.includes('%')) {
      return `the kernel cannot resolve names: \`${address}\` must be a plain IP address`;
    }
  }
  if (isIPv6(host) !== isIPv6(upstream.host)) {
    return 'the kernel does not translate between IPv4 and IPv6: listener and upstream must be of one family';
  }
  // packets from and to loopback addresses do not leave the loopback device
  if (isLoopback(host) !== isLoopback(upstream.host)) {
    return 'the kernel does not route between loopback and other addresses: listener and upstream must both be loopback, or neither';
  }
  return undefined;
}
