import type { RunReport } from '../report/run-report.ts';
import { type DistinctFinding, distinctFindings } from './distinct-findings.ts';

/** A figure of a case that has grown, ms. */
type Slower = { id: string; what: 'drain' | 'took'; before: number; after: number };

/** Difference between two reports. */
export type ReportDiff = {
  /** findings of the second report only, and of the first only */
  new: DistinctFinding[];
  gone: DistinctFinding[];
  slower: Slower[];
  /** cases that ran in the first report and are skipped in the second, with the reason */
  newlySkipped: { id: string; reason: string }[];
  newlyFlaky: string[];
  /** cases of one report only */
  added: string[];
  missing: string[];
};

/** A figure counts as grown above this multiple and by more than so much: what is below differs from run to run. */
const TIMES = 2;
const AT_LEAST = { drain: 250, took: 2000 };

/**
 * Compares two reports by the identity of findings and the ids of cases.
 */
export function diffReports(before: RunReport, after: RunReport): ReportDiff {
  const [left, right] = [distinctFindings(before), distinctFindings(after)];
  const old = new Map(before.results.map((one) => [one.id, one]));
  const now = new Set(after.results.map(({ id }) => id));
  const pairs = after.results.flatMap((next) => {
    const last = old.get(next.id);
    return last === undefined ? [] : [{ last, next }];
  });
  return {
    new: without(right, left),
    gone: without(left, right),
    slower: pairs.flatMap(({ last, next }) => [
      ...slower(next.id, 'drain', last.drain, next.drain),
      // several attempts take several times as long
      ...slower(next.id, 'took', perAttempt(last), perAttempt(next)),
    ]),
    newlySkipped: pairs
      .filter(({ last, next }) => last.verdict !== 'skipped' && next.verdict === 'skipped')
      .map(({ next: { id, reason = '' } }) => ({ id, reason })),
    newlyFlaky: pairs
      .filter(({ last, next }) => last.verdict !== 'flaky' && next.verdict === 'flaky')
      .map(({ next }) => next.id),
    added: after.results.filter(({ id }) => !old.has(id)).map(({ id }) => id),
    missing: before.results.filter(({ id }) => !now.has(id)).map(({ id }) => id),
  };
}

function without(some: readonly DistinctFinding[], others: readonly DistinctFinding[]): DistinctFinding[] {
  const known = new Set(others.map(({ target, identity }) => `${target}\n${identity}`));
  return some.filter(({ target, identity }) => !known.has(`${target}\n${identity}`));
}

function perAttempt({ took, starved = 0, attempts = 1 }: RunReport['results'][number]): number {
  return Math.max(0, took - starved) / attempts;
}

function slower(id: string, what: Slower['what'], before?: number, after?: number): Slower[] {
  if (before === undefined || after === undefined) return [];
  if (after <= TIMES * before || after - before < AT_LEAST[what]) return [];
  return [{ id, what, before: Math.round(before), after: Math.round(after) }];
}
