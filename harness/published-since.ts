import type { Sample } from './probe/protocol.ts';

/** By how much a gauge or a counter is above the baseline; NaN where the target does not publish it. */
export function publishedSince(baseline: Sample, sample: Sample, name: string): number {
  const read = ({ gauges, counters }: Sample): number | undefined => counters[name] ?? gauges[name];
  return (read(sample) ?? Number.NaN) - (read(baseline) ?? 0);
}
