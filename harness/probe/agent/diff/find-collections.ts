/**
 * Finds Maps, Sets, Arrays and dictionaries of the baseline that have grown, named after their holders.
 */
import { types } from 'node:util';
import type { Census } from '../census/census.ts';
import { nameCollections, type Named } from '../snapshot/collection-name.ts';
import { suspectFingerprint, type Found } from './found.ts';
import { isArrayOfNode, listenerArrays } from '../not-leaks.ts';
import type { Suspect } from '../../protocol.ts';
import type { Retainer } from '../snapshot/snapshot-query.ts';
import { sizeOfMap, sizeOfSet } from '../census/sizes.ts';

export type Grown = { object: object; before: number; now: number };

/** Name of a collection from an earlier snapshot; 'node' if the program does not hold it. */
const known = new WeakMap<object, Named | 'node'>();

export function listGrown(census: Census, sizes: WeakMap<object, number>): Grown[] {
  const listed = listenerArrays(census.emitters);
  const grown: Grown[] = [];
  const add = (object: object, now: number): void => {
    const before = sizes.get(object);
    if (before === undefined || now <= before || listed.has(object)) return;
    if (known.get(object) !== 'node') grown.push({ object, before, now });
  };
  for (const map of census.maps) add(map, sizeOfMap(map));
  for (const set of census.sets) add(set, sizeOfSet(set));
  for (const one of census.dictionaries) add(one, Object.keys(one).length);
  for (const array of census.arrays) if (!isArrayOfNode(array)) add(array, array.length);
  return grown;
}

function kindOf(object: object): 'Map' | 'Set' | 'Array' | 'Object' {
  if (types.isMap(object)) return 'Map';
  if (types.isSet(object)) return 'Set';
  return Array.isArray(object) ? 'Array' : 'Object';
}

/** Whether an earlier snapshot has told the collection's name. */
export function isNamed({ object }: Grown): boolean {
  return known.has(object);
}

export function nameGrown(grown: readonly Grown[], retainer: Retainer): void {
  const unnamed = grown.filter(({ object }) => !known.has(object));
  const nodes = new Map(unnamed.map(({ object }) => [object, retainer.nodeOf(object)]));
  const wanted = [...nodes.values()].filter((node) => node !== undefined);
  const named = nameCollections(retainer, wanted);
  for (const [object, node] of nodes) {
    known.set(object, (node !== undefined && named.get(node)) || 'node');
  }
}

export function findCollections(grown: readonly Grown[]): Found[] {
  const found: Found[] = [];
  for (const { object, before, now } of grown) {
    const named = known.get(object);
    if (!named || named === 'node') continue;
    found.push({
      suspect: {
        ...collectionSuspect({ object, before, now }, `${named.name} `),
        fingerprint: suspectFingerprint('collection', `${kindOf(object)} ${named.name}`, named.where),
        where: named.where,
        path: named.name,
      },
      causes: [object],
      grew: [object],
    });
  }
  return found;
}

export function collectionSuspect(
  { object, before, now }: Grown,
  name: string,
): Omit<Suspect, 'fingerprint'> {
  return {
    resource: 'collection',
    count: now - before,
    rule: 'growth',
    where: [],
    sample: `${kindOf(object)} ${name}went from ${before} to ${now} entries`,
  };
}
