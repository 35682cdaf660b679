import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Address } from '../../shared/address.ts';
import { removeCommands } from './rule-set.ts';
import { addressOfTable } from './table-name.ts';
import { tableNames, transact } from './nft.ts';

/**
 * Removes the tables of proxies that are gone. A living proxy listens on the address of its table, so nobody else can; a
 * process id would mean nothing to a proxy in another container of the same network namespace.
 *
 * @param mine tables of the addresses on which this process listens; called before it has any table
 * @returns names of the removed tables
 */
export async function removeLeftOver(mine: ReadonlySet<string>): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await tableNames()) {
    const address = addressOfTable(name);
    if (address === undefined || (!mine.has(name) && !(await isFree(address)))) continue;
    await transact(removeCommands(name));
    removed.push(name);
  }
  return removed;
}

async function isFree({ host, port }: Address): Promise<boolean> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    // the address may be gone with its device: then nobody listens there either
    return (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';
  }
  server.close();
  await once(server, 'close');
  return true;
}
