import type { RunReport } from '../report/run-report.ts';
import type { AdmittedSuite } from './admit-suite.ts';
import { longestFirst, planHash, splitCases } from './split-cases.ts';
import type { SuiteOptions } from './suite-options.ts';

/** Part of a suite that this run is to run, the longest case first where times are known. */
export function shardOf(
  suite: AdmittedSuite,
  { shard, times = new Map() }: Pick<SuiteOptions, 'shard' | 'times'>,
): { suite: AdmittedSuite; shard?: RunReport['shard'] } {
  const order = new Map(
    longestFirst(
      suite.admitted.map(({ testCase }) => testCase.id),
      times,
    ).map((id, index) => [id, index]),
  );
  const place = (id: string): number => order.get(id) ?? 0;
  const admitted = suite.admitted.toSorted((a, b) => place(a.testCase.id) - place(b.testCase.id));
  if (shard === undefined) return { suite: { ...suite, admitted } };
  const cases = [...suite.admitted, ...suite.skipped].map(({ testCase }) => testCase);
  const ids = cases.map(({ id }) => id).toSorted();
  const targets = new Map(cases.map(({ id, target }) => [id, target]));
  const plan = splitCases(ids, shard.of, times);
  const isMine = ({ testCase }: { testCase: { id: string } }): boolean =>
    plan.get(testCase.id) === shard.index;
  return {
    suite: { ...suite, admitted: admitted.filter(isMine), skipped: suite.skipped.filter(isMine) },
    shard: { ...shard, cases: ids.length, plan: planHash(plan, targets) },
  };
}
