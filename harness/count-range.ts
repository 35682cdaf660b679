import type { Count } from './scenario/trigger.ts';
import type { CountRange } from './scenario/expectations.ts';

/** Makes `all` the number of connections. */
function resolve(count: Count, all: number): number {
  return count === 'all' ? all : count;
}

/** Whether a count is within a range; no range means that there must be none. */
export function within(count: number, range: CountRange | undefined, all: number): boolean {
  if (range === undefined) return count === 0;
  return count >= resolve(range.min, all) && count <= resolve(range.max, all);
}

/** `20`, `18 to 20`, `at most 3`, `none`. */
export function rangeInWords(range: CountRange | undefined, all: number): string {
  if (range === undefined) return 'none';
  const min = resolve(range.min, all);
  const max = resolve(range.max, all);
  if (min === max) return min === 0 ? 'none' : String(min);
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}
