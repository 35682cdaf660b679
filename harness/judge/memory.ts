import type { Evidence } from './evidence.ts';

/** Growth that a connection costs, at the least, to be worth a finding. KiB */
const LEAST_EACH = 4;
/** Rounds without which no slope is certain. */
const LEAST_ROUNDS = 7;
/**
 * Kendall's S of nine values: 36 when each is above all before it. Without a trend, 28 or more comes once in some 9,000 times
 * (Kendall 1938).
 */
const CERTAIN = 28 / 36;

/** Memory after each round, from the judged one on, KiB; empty where it is not known. */
export function memoryOf({ settled, confirming }: Evidence): number[] {
  return [settled, ...confirming].flatMap((one) => one?.sample.os?.memory ?? []);
}

/**
 * Whether memory grows with the number of connections, for certain: an allocator that warms up grows less and less, a collector
 * goes up and down, so growth must be in nearly all rounds, and as much in the second half of them as in the first.
 */
export function growsForCertain(series: readonly number[], connections: number): boolean {
  if (series.length <= LEAST_ROUNDS) return false;
  const first = series[0] ?? 0;
  const middle = series[Math.floor(series.length / 2)] ?? 0;
  const last = series.at(-1) ?? 0;
  if (kendall(series) < CERTAIN) return false;
  if (last - middle < 0.5 * (middle - first)) return false;
  return last - first >= LEAST_EACH * connections * (series.length - 1);
}

/** Of all pairs, how many more go up than down: from -1 to 1. */
function kendall(series: readonly number[]): number {
  let sum = 0;
  for (const [index, value] of series.entries()) {
    for (const later of series.slice(index + 1)) sum += Math.sign(later - value);
  }
  return (2 * sum) / (series.length * (series.length - 1));
}
