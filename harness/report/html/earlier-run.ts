import type { RunReport } from '../run-report.ts';

/** Run of the same targets before this one, as the history of the reports folder keeps it: times in ms, memory in bytes per connection. */
export type EarlierRun = {
  started: string;
  commit?: string | undefined;
  targets: readonly string[];
  counts: { passed: number; failed: number; flaky: number; skipped: number; error: number };
  drain?: { p50: number; p99: number } | undefined;
  memoryEach?: number | undefined;
  took: number;
};

/** Runs that a page shows beside its own. */
const MOST = 40;

/** Runs before this one that had the same targets, the oldest first: others cannot be compared. */
export function comparable(earlier: readonly EarlierRun[], report: RunReport): EarlierRun[] {
  const targetsOf = (names: readonly string[]): string => [...new Set(names)].toSorted().join('\n');
  const own = targetsOf(report.results.map(({ target }) => target));
  return earlier
    .filter(({ targets, started }) => targetsOf(targets) === own && started < report.started)
    .slice(-MOST);
}
