/**
 * Sizes of the program's Maps and Sets, read with this realm's getters: the program may replace its own.
 */
const ofMap = getterOf(Map.prototype);
const ofSet = getterOf(Set.prototype);

export function sizeOfMap(map: ReadonlyMap<unknown, unknown>): number {
  return Reflect.apply(ofMap, map, []) as number;
}

export function sizeOfSet(set: ReadonlySet<unknown>): number {
  return Reflect.apply(ofSet, set, []) as number;
}

function getterOf(prototype: object): () => unknown {
  // oxlint-disable-next-line typescript/unbound-method -- called with Reflect.apply
  const get = Object.getOwnPropertyDescriptor(prototype, 'size')?.get;
  if (get === undefined) throw new Error('a collection has no size');
  return get;
}
