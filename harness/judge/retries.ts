import type { CaseResult } from './verdict.ts';

/**
 * Joins the results of repeated runs of a case. Failed and passed: `flaky`, with the findings of the first failure. Failed and
 * never passed: that failure. Never failed: the error if there was one, otherwise the last result.
 *
 * @example
 * joinAttempts([failed, passed]).verdict; // 'flaky'
 */
export function joinAttempts(attempts: readonly [CaseResult, ...CaseResult[]]): CaseResult {
  if (attempts.length === 1) return attempts[0];
  const failed = attempts.find((one) => one.verdict === 'failed');
  const passed = attempts.findLast((one) => one.verdict === 'passed');
  const took = attempts.reduce((sum, one) => sum + one.took, 0);
  const starved = attempts.reduce((sum, one) => sum + (one.starved ?? 0), 0);
  const last = attempts.find((one) => one.verdict === 'error') ?? attempts.at(-1) ?? attempts[0];
  const joined =
    failed === undefined ? last : passed === undefined ? failed : { ...failed, verdict: 'flaky' as const };
  return { ...joined, took, ...(starved > 0 ? { starved } : {}), attempts: attempts.length };
}
