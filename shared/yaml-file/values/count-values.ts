/**
 * Counts the keys, values and items of a value, up to a limit. What an alias repeats counts each time: that is what a reader of the value walks
 * through.
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
