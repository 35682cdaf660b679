import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { COUNTERS, rulesOf } from './rule-set.ts';
import type { KernelRoute } from './kernel-route.ts';
import { tableName } from './table-name.ts';
import { listTable } from './nft.ts';

/** Values of a table's counters. */
export type Reading = { connections: number; bytesIn: number; bytesOut: number };

type Objects = Record<string, unknown>[];

/**
 * Verifies that the kernel installed what was requested: every rule, and the way to the upstream.
 *
 * @throws LastfinError `LASTFIN_NFTABLES`
 */
export async function verifyTable(route: KernelRoute): Promise<void> {
  const table = tableName(route.listen);
  const objects = (await listTable(table)) ?? [];
  const listed = objects.flatMap(({ rule }) =>
    rule === undefined ? [] : [rule as { chain: string; expr: { dnat?: unknown }[] }],
  );
  const expected = rulesOf(route);
  const wrong = expected.filter(
    (rule, index) => listed[index]?.chain !== rule.chain || !sameTarget(listed[index].expr, rule.expr),
  );
  if (wrong.length === 0 && listed.length === expected.length && COUNTERS.every((name) => has(objects, name)))
    return;
  const message = `the table ${table} of the route ${route.name} is not what was installed: ${listed.length} rules of ${expected.length}; does another program change it?`;
  throw new LastfinError('LASTFIN_NFTABLES', message, { facts: { table, listed, expected } });
}

/** Reads the counters; undefined if the table is gone. @throws LastfinError `LASTFIN_NFTABLES` */
export async function readCounters(route: KernelRoute): Promise<Reading | undefined> {
  const objects = await listTable(tableName(route.listen));
  if (objects === undefined) return undefined;
  return {
    connections: figure(objects, 'connections', 'packets'),
    bytesIn: figure(objects, 'bytes_in', 'bytes'),
    bytesOut: figure(objects, 'bytes_out', 'bytes'),
  };
}

/** Compares address and port only: nft prints other expressions differently from how they were written. */
function sameTarget(listed: readonly unknown[], expected: readonly unknown[]): boolean {
  const target = (expr: readonly unknown[]): string =>
    JSON.stringify(expr.flatMap((one) => (one as { dnat?: unknown }).dnat ?? []));
  return target(listed) === target(expected);
}

function counterOf(objects: Objects, name: string): Record<string, unknown> | undefined {
  return objects
    .map(({ counter }) => counter as Record<string, unknown> | undefined)
    .find((counter) => counter?.['name'] === name);
}

function has(objects: Objects, name: string): boolean {
  return counterOf(objects, name) !== undefined;
}

function figure(objects: Objects, name: string, unit: 'packets' | 'bytes'): number {
  return Number(counterOf(objects, name)?.[unit] ?? 0);
}
