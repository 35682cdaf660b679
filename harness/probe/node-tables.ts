/**
 * Tables of Node's own that a program fills by name, and that no heap walk shows as its: the environment and the timeline of performance.
 */
import type { Baseline } from './baseline.ts';
import { fingerprint, type Found } from './found.ts';
import { hostProcess } from './host.ts';
import type { Suspect } from './protocol.ts';

const TABLES = {
  'process.env': () => Object.keys(hostProcess.env).length,
  // kept until somebody clears them
  'performance.mark()': () => performance.getEntriesByType('mark').length,
  'performance.measure()': () => performance.getEntriesByType('measure').length,
} as const;

type Name = keyof typeof TABLES;
export type NodeTables = Readonly<Record<Name, number>>;

const NAMES = Object.keys(TABLES) as Name[];

export function readNodeTables(): NodeTables {
  return Object.fromEntries(NAMES.map((name) => [name, TABLES[name]()])) as NodeTables;
}

export function findNodeTables({ nodeTables: before }: Pick<Baseline, 'nodeTables'>): Found[] {
  return NAMES.flatMap((name): Found[] => {
    const [was, now] = [before[name], TABLES[name]()];
    if (now <= was) return [];
    const suspect: Suspect = {
      resource: 'collection',
      fingerprint: fingerprint('collection', name, []),
      count: now - was,
      rule: 'growth',
      where: [],
      sample: `${name} went from ${was} to ${now} entries`,
      path: name,
    };
    return [{ suspect, causes: [] }];
  });
}
