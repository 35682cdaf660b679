import type { Report, Suspect } from '../../probe/protocol.ts';

/** Whether anything that `first` held for a possible resident is more in `after` than in `before`. */
export function grows(first: Report, before: Report, after: Report): boolean {
  const known = counts(before);
  const later = counts(after);
  return first.suspects.some(
    ({ rule, fingerprint, endsWithin }) =>
      (rule === 'growth' || rule === 'pace') &&
      endsWithin === undefined &&
      (later.get(fingerprint) ?? 0) > (known.get(fingerprint) ?? 0),
  );
}

/** Whether all that has grown is no more than `connections` that were open at once: a pool that fills up, if it is one. */
export function fitsPool(before: Report, after: Report, connections: number): boolean {
  const known = counts(before);
  return [...counts(after)].every(
    ([fingerprint, count]) => count <= connections || count <= (known.get(fingerprint) ?? 0),
  );
}

/** Whether all that has grown is entries of collections, which keep no sockets: a cache with a bound, if it is one. */
export function fitsCache(before: Report, after: Report): boolean {
  const known = counts(before);
  return after.suspects.every(
    ({ resource, fingerprint, count, alsoRetains }) =>
      count <= (known.get(fingerprint) ?? 0) || (resource === 'collection' && alsoRetains === undefined),
  );
}

/** Suspects that only more rounds tell apart from residents. */
export function growing({ suspects }: Report): Suspect[] {
  return suspects.filter(({ rule, endsWithin }) => rule !== 'presence' && endsWithin === undefined);
}

/** Open sockets, but for those of a pool: what grew with them is their consequence. */
export function hasSockets({ suspects }: Report): boolean {
  return suspects.some(({ resource, rule }) => /^(socket|tcp)$/.test(resource) && rule === 'presence');
}

function counts({ suspects }: Report): Map<string, number> {
  return new Map(suspects.map(({ fingerprint, count }) => [fingerprint, count]));
}
