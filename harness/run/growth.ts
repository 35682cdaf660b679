import type { Report } from '../probe/protocol.ts';

/** Whether anything that `first` held for a possible resident is more in `after` than in `before`. */
export function grows(first: Report, before: Report, after: Report): boolean {
  const known = counts(before);
  const later = counts(after);
  return first.suspects.some(
    ({ rule, fingerprint }) =>
      (rule === 'growth' || rule === 'pace') && (later.get(fingerprint) ?? 0) > (known.get(fingerprint) ?? 0),
  );
}

/**
 * Whether all that grew in the last larger round did so by less than half of what it did in the first one, from `confirmed` to `larger`: a
 * pool that fills up, if it is one.
 */
export function slows(confirmed: Report, larger: Report, before: Report, after: Report): boolean {
  const [atFirst, first, known] = [counts(confirmed), counts(larger), counts(before)];
  return [...counts(after)].every(([fingerprint, count]) => {
    const grown = count - (known.get(fingerprint) ?? 0);
    return grown < Math.max(1, ((first.get(fingerprint) ?? 0) - (atFirst.get(fingerprint) ?? 0)) / 2);
  });
}

/** Open sockets, but for those of a pool: what grew with them is their consequence. */
export function hasSockets({ suspects }: Report): boolean {
  return suspects.some(({ resource, rule }) => /^(socket|tcp)$/.test(resource) && rule === 'presence');
}

function counts({ suspects }: Report): Map<string, number> {
  return new Map(suspects.map(({ fingerprint, count }) => [fingerprint, count]));
}
