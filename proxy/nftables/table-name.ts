import type { Address } from '../../shared/address.ts';

/** Prefix of the names of all tables of this proxy, whichever process made them. */
const PREFIX = 'lastfin_proxy_';

/**
 * Name of the table for a listening address. Whoever can bind the address owns its table: its content is their own, or was left
 * over by a process that is gone.
 *
 * @example
 * tableName({ host: '::1', port: 9000 }); // 'lastfin_proxy_--1_9000'
 */
export function tableName({ host, port }: Address): string {
  // nft does not allow colons in names
  return `${PREFIX}${host.replaceAll(':', '-')}_${port}`;
}

/** Address of a table; undefined for a table that is not this proxy's. */
export function addressOfTable(name: string): Address | undefined {
  const match = /^(?<host>[\d.a-f-]+)_(?<port>\d{1,5})$/.exec(
    name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '',
  );
  if (match?.groups === undefined) return undefined;
  return { host: match.groups['host']!.replaceAll('-', ':'), port: Number(match.groups['port']) };
}
