import type { Address } from '../../shared/address.ts';

/** Every table of this proxy, of any of its processes, has a name that begins so. */
const PREFIX = 'lastfin_proxy_';

/**
 * One table for each address that is listened on. Who could bind the address owns its table: whatever is in it is his, or was
 * left over by a process that is gone.
 *
 * @example
 * tableName({ host: '::1', port: 9000 }); // 'lastfin_proxy_--1_9000'
 */
export function tableName({ host, port }: Address): string {
  // a name of nft has no colon
  return `${PREFIX}${host.replaceAll(':', '-')}_${port}`;
}

/** The address of a table; undefined for one that is not ours. */
export function addressOfTable(name: string): Address | undefined {
  const match = /^(?<host>[\d.a-f-]+)_(?<port>\d{1,5})$/.exec(
    name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '',
  );
  if (match?.groups === undefined) return undefined;
  return { host: match.groups['host']!.replaceAll('-', ':'), port: Number(match.groups['port']) };
}
