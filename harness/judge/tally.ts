/** Counts by name, in the order of first sight; safe with names such as `__proto__`. */
export function tally(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** What was added to each count; names that did not move are left out. */
export function growth(before: Record<string, number>, after: Record<string, number>): Map<string, number> {
  const moved = new Map<string, number>();
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const by = figure(after, name) - figure(before, name);
    if (by !== 0) moved.set(name, by);
  }
  return moved;
}

/** One figure of a published set; 0 where it is not published. */
export function figure(figures: Record<string, number>, name: string): number {
  return Object.hasOwn(figures, name) ? (figures[name] ?? 0) : 0;
}

export function total(counts: Map<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** As plain JSON, by name. */
export function toRecord(counts: Map<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
