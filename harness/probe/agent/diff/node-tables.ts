/**
 * Tables inside Node that a program fills by name and that no heap walk attributes to it: the environment, the performance timeline,
 * labels of the console.
 */
import { suspectFingerprint, type Found } from './found.ts';
import { hostGlobal, hostProcess } from '../base/built-ins.ts';
import type { Suspect } from '../../protocol.ts';

const labels = hostGlobal.console as unknown as Record<PropertyKey, unknown>;
const countsKey = Object.getOwnPropertySymbols(labels).find(({ description }) => description === 'counts');

const TABLES = {
  'process.env': () => Object.keys(hostProcess.env).length,
  // entries stay until the program clears them
  'performance.mark()': () => performance.getEntriesByType('mark').length,
  'performance.measure()': () => performance.getEntriesByType('measure').length,
  // labels that no `console.timeEnd()` or `console.countReset()` has removed
  'console.time()': () => sizeOf(labels._times),
  'console.count()': () => sizeOf(labels[countsKey ?? '']),
} as const;

/** Size of a table; Node's own maps are no instances of the program's `Map`. */
function sizeOf(table: unknown): number {
  const size = (table as { size?: unknown } | undefined)?.size;
  return typeof size === 'number' ? size : 0;
}

type Name = keyof typeof TABLES;
export type NodeTables = Readonly<Record<Name, number>>;

const NAMES = Object.keys(TABLES) as Name[];

export function readNodeTables(): NodeTables {
  return Object.fromEntries(NAMES.map((name) => [name, TABLES[name]()])) as NodeTables;
}

export function findNodeTables({ nodeTables: before }: { nodeTables: NodeTables }): Found[] {
  return NAMES.flatMap((name): Found[] => {
    const [was, now] = [before[name], TABLES[name]()];
    if (now <= was) return [];
    const suspect: Suspect = {
      resource: 'collection',
      fingerprint: suspectFingerprint('collection', name, []),
      count: now - was,
      rule: 'growth',
      where: [],
      sample: `${name} went from ${was} to ${now} entries`,
      path: name,
    };
    return [{ suspect, causes: [] }];
  });
}
