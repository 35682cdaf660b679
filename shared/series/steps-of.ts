/**
 * Differences between each value and the one before it.
 *
 * @example
 * stepsOf([1, 4, 2]); // [3, -2]
 */
export function stepsOf(series: readonly number[]): number[] {
  return series.slice(1).map((value, index) => value - (series[index] ?? 0));
}
