import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Address } from '../../shared/address.ts';
import type { ProxyLogger } from '../observe/logger.ts';
import type { Traffic } from '../routing/route-traffic.ts';
import { endLiveFlows } from './end-live-flows.ts';
import type { KernelRoute } from './kernel-route.ts';
import { removeLeftOver } from './left-over.ts';
import { listTable, transact } from './nft.ts';
import { readCounters, verifyTable } from './read-table.ts';
import type { Reading } from './read-table.ts';
import { RemovalOnExit } from './removal-on-exit.ts';
import { installCommands, removeCommands, retargetCommands } from './rule-set.ts';
import { tableName } from './table-name.ts';

type Installed = { route: KernelRoute; removal: RemovalOnExit; last: Reading; lost: boolean };

const NOTHING: Reading = { connections: 0, bytesIn: 0, bytesOut: 0 };

/**
 * Lets the kernel forward routes. Each has an nftables table of its own, in the network namespace of this process, which is
 * removed with the route or the process.
 */
export class KernelForwarding {
  readonly #logger: ProxyLogger;
  readonly #installed = new Map<string, Installed>();
  readonly #totals = new Map<string, Traffic>();
  #reading: Promise<void> | undefined;
  #cleaned = false;

  constructor(logger: ProxyLogger) {
    this.#logger = logger;
  }

  /** Traffic of each route at the last {@link refresh}. Bytes are those of whole IP packets. */
  totals(): ReadonlyMap<string, Traffic> {
    return this.#totals;
  }

  /**
   * Switches to these routes: installs new ones and retargets changed ones, in one transaction; unchanged routes are not touched.
   * Removed routes stay until {@link removeOthers}.
   *
   * @param bound all addresses on which this process listens
   * @throws LastfinError `LASTFIN_NFTABLES`; then nothing has changed
   */
  async install(routes: readonly KernelRoute[], bound: readonly Address[]): Promise<void> {
    if (routes.length === 0) return;
    for (const { upstream } of routes) requireForwarding(upstream.host);
    if (!this.#cleaned) await this.#removeLeftOver(bound);
    await this.refresh();
    const fresh = routes.filter(({ listen }) => !this.#installed.has(tableName(listen)));
    const changed = routes.filter((route) => {
      const present = this.#installed.get(tableName(route.listen));
      return present !== undefined && JSON.stringify(present.route) !== JSON.stringify(route);
    });
    const commands = [...fresh.flatMap(installCommands), ...changed.flatMap(retargetCommands)];
    const removals = await Promise.all(fresh.map((route) => this.#arm(route)));
    try {
      if (commands.length > 0) await transact(commands);
      for (const route of [...fresh, ...changed]) await verifyTable(route);
    } catch (error) {
      await Promise.all(removals.map((removal) => removal.fire()));
      throw error;
    }
    for (const [index, route] of fresh.entries()) {
      const removal = removals[index]!;
      this.#installed.set(tableName(route.listen), { route, removal, last: NOTHING, lost: false });
    }
    for (const route of changed) this.#installed.get(tableName(route.listen))!.route = route;
    for (const { name, listen, upstream } of [...fresh, ...changed]) {
      const fields = { event: 'nftables_installed', route: name, table: tableName(listen), listen, upstream };
      this.#logger.info(fields, `the kernel forwards the route ${name}`);
    }
  }

  /** Removes all other routes, and ends the flows that the kernel still forwards for them. Failures are logged. */
  async removeOthers(routes: readonly KernelRoute[]): Promise<void> {
    const kept = new Set(routes.map(({ listen }) => tableName(listen)));
    const gone = [...this.#installed].filter(([table]) => !kept.has(table));
    for (const [table, installed] of gone) {
      const fields = { route: installed.route.name, table };
      try {
        await this.#remove(table, installed);
        const message = `the kernel has stopped forwarding the route ${fields.route}`;
        this.#logger.info({ event: 'nftables_removed', ...fields }, message);
      } catch (error) {
        const message = `cannot remove the table ${table}: run \`nft delete table inet ${table}\``;
        this.#logger.error({ event: 'nftables_not_removed', ...fields, err: error }, message);
      }
    }
  }

  /** Reads the counters. Concurrent calls share one reading. */
  refresh(): Promise<void> {
    this.#reading ??= this.#refresh().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #refresh(): Promise<void> {
    for (const [table, installed] of this.#installed) await this.#read(table, installed);
  }

  async #read(table: string, installed: Installed): Promise<void> {
    const reading = await readCounters(installed.route);
    if (reading !== undefined) {
      this.#add(installed, reading);
    } else if (!installed.lost) {
      installed.lost = true;
      const fields = { event: 'nftables_lost', route: installed.route.name, table };
      this.#logger.error(
        fields,
        `another program removed the table ${table}: the kernel has stopped forwarding`,
      );
    }
  }

  async #remove(table: string, installed: Installed): Promise<void> {
    await this.#reading;
    // last reading of the counters, which vanish with their table
    await this.#read(table, installed);
    this.#installed.delete(table);
    await installed.removal.fire();
    // the process that should have removed the table may have been killed
    if ((await listTable(table)) !== undefined) await transact(removeCommands(table));
    await endLiveFlows(installed.route, this.#logger);
  }

  /** Adds only the difference, since the totals belong to the route's present name. */
  #add(installed: Installed, now: Reading): void {
    const { route, last } = installed;
    const total = this.#totals.get(route.name) ?? NOTHING;
    this.#totals.set(route.name, {
      connections: total.connections + now.connections - last.connections,
      bytesIn: total.bytesIn + now.bytesIn - last.bytesIn,
      bytesOut: total.bytesOut + now.bytesOut - last.bytesOut,
    });
    installed.last = now;
  }

  #arm({ name, listen }: KernelRoute): Promise<RemovalOnExit> {
    const table = tableName(listen);
    return RemovalOnExit.arm(table, () => {
      const fields = { event: 'nftables_unguarded', route: name, table };
      this.#logger.error(
        fields,
        `the table ${table} will stay behind if this process is killed: its nft guard has exited`,
      );
    });
  }

  async #removeLeftOver(bound: readonly Address[]): Promise<void> {
    const mine = new Set(bound.map(tableName));
    for (const table of await removeLeftOver(mine)) {
      this.#logger.warn(
        { event: 'nftables_left_over', table },
        `removed the table ${table}: its proxy is gone`,
      );
    }
    this.#cleaned = true;
  }
}

/** @throws LastfinError `LASTFIN_NFTABLES` if IP forwarding is off, so that the kernel would drop packets to another machine */
function requireForwarding(upstream: string): void {
  const local = Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === upstream),
  );
  const name = isIPv6(upstream) ? 'net.ipv6.conf.all.forwarding' : 'net.ipv4.ip_forward';
  if (local || upstream.startsWith('127.')) return;
  if (readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim() !== '0') return;
  const message = `the kernel forwards no packets to ${upstream}: ${name} is 0 in this network namespace; set it with \`sysctl -w ${name}=1\``;
  throw new LastfinError('LASTFIN_NFTABLES', message, { facts: { upstream, sysctl: name } });
}
