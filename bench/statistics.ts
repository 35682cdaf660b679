/** The value below which `share` (0 to 1) of a sorted list lies; NaN of an empty one. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The middle value; of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const above = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const below = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (above + below) / 2;
}

/** Summary of several values of one figure. */
export type Summary = { median: number; least: number; most: number };

export function summarize(values: readonly number[]): Summary {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** Pairs the values of two contenders by round. A round in which one has no value is left out. */
export function pairs(
  of: readonly number[],
  to: readonly number[],
  compare: (a: number, b: number) => number,
): number[] {
  return of.slice(0, to.length).map((value, round) => compare(value, to[round]!));
}
