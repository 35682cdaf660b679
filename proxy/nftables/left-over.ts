import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Address } from '../../shared/address.ts';
import { removeCommands } from './rule-set.ts';
import { addressOfTable } from './table-name.ts';
import { tableNames, transact } from './nft.ts';

/**
 * Removes the tables of proxies that are gone. A living one listens on the address of its table, so that nobody else can: a
 * process id would mean nothing to a proxy in another container of the same network namespace.
 *
 * @param mine tables of the addresses that this process listens on; called before it has any table of its own
 * @returns the tables that were removed
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
    // the address itself may have gone with its device: then nobody listens there either
    return (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';
  }
  server.close();
  await once(server, 'close');
  return true;
}
