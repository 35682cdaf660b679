import type { Report, Suspect } from '../../probe/protocol.ts';

/** Whether any suspect of `first` that may be a resident has a higher count in `after` than in `before`. */
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

/** Whether all growth is within `connections`, the peak concurrency: it may be a pool that fills up. */
export function fitsPool(before: Report, after: Report, connections: number): boolean {
  const known = counts(before);
  return [...counts(after)].every(
    ([fingerprint, count]) => count <= connections || count <= (known.get(fingerprint) ?? 0),
  );
}

/** Whether all growth is in collections that retain no sockets: it may be a cache that fills up to its bound. */
export function fitsCache(before: Report, after: Report): boolean {
  const known = counts(before);
  return after.suspects.every(
    ({ resource, fingerprint, count, alsoRetains }) =>
      count <= (known.get(fingerprint) ?? 0) || (resource === 'collection' && alsoRetains === undefined),
  );
}

/** Whether all growth is in tables and what they keep, which time alone may empty. A timer says itself when it ends. */
export function mayExpire(before: Report, after: Report): boolean {
  const known = counts(before);
  return after.suspects.every(
    ({ resource, fingerprint, count }) =>
      resource === 'collection' ||
      resource === 'retained-socket' ||
      (resource !== 'timer' && count <= (known.get(fingerprint) ?? 0)),
  );
}

/** Whether all that may be a resident has lost most of its count. */
export function isEmptied(before: Report, after: Report): boolean {
  const later = counts(after);
  return growing(before).every(({ fingerprint, count }) => (later.get(fingerprint) ?? 0) < count / 2);
}

/** Suspects that may be residents, which only more rounds can tell. */
export function growing({ suspects }: Report): Suspect[] {
  return suspects.filter(({ rule, endsWithin }) => rule !== 'presence' && endsWithin === undefined);
}

/** Whether sockets were left open, those of a pool aside: other growth is their consequence. */
export function hasSockets({ suspects }: Report): boolean {
  return suspects.some(({ resource, rule }) => /^(socket|tcp)$/.test(resource) && rule === 'presence');
}

function counts({ suspects }: Report): Map<string, number> {
  return new Map(suspects.map(({ fingerprint, count }) => [fingerprint, count]));
}
