/** Counts names, in the order of first occurrence; safe with names such as `__proto__`. */
export function tally(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Growth of each count; unchanged counts are left out. */
export function growth(before: Record<string, number>, after: Record<string, number>): Map<string, number> {
  const moved = new Map<string, number>();
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const by = figure(after, name) - figure(before, name);
    if (by !== 0) moved.set(name, by);
  }
  return moved;
}

/** Figure of a published set; 0 if it is not published. */
export function figure(figures: Record<string, number>, name: string): number {
  return Object.hasOwn(figures, name) ? (figures[name] ?? 0) : 0;
}

export function total(counts: Map<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** Counts as plain JSON. */
export function toRecord(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
