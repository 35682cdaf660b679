/**
 * Counts the keys, values and items of a value, up to a limit. Content repeated by aliases counts each time, as a reader of the value
 * walks through it each time.
 */
export function countValues(root: unknown, limit: number): number {
  let count = 0;
  const walk = (value: unknown): void => {
    count++;
    if (typeof value !== 'object' || value === null) return;
    for (const inner of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) {
      if (count > limit) return;
      walk(inner);
    }
  };
  walk(root);
  return count;
}
