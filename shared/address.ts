/** TCP address: a name or an IP without brackets, and a port. */
export type Address = { host: string; port: number };

/**
 * Reads `host:port`; IPv6 in brackets.
 *
 * @returns undefined if the text is no address
 * @example
 * parseAddress('[::1]:9000'); // { host: '::1', port: 9000 }
 */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[(?<ipv6>[^\]]+)\]|(?<name>[^:[\]\s]+)):(?<port>\d{1,5})$/.exec(text);
  const host = match?.groups?.['ipv6'] ?? match?.groups?.['name'];
  const port = Number(match?.groups?.['port']);
  if (host === undefined || port > 65_535) return undefined;
  return { host, port };
}

/** Formats an address as {@link parseAddress} reads it. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
