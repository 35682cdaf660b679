import type { CaseResult, Outcome } from './verdict.ts';

/** Runs that are kept: a case may be repeated thousands of times. */
const MOST_OUTCOMES = 20;

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
  const outcomes = attempts.filter(({ verdict }) => verdict !== 'passed').map(outcomeOf);
  return {
    ...joined,
    took,
    ...(starved > 0 ? { starved } : {}),
    attempts: attempts.length,
    ...(outcomes.length === 0 ? {} : { outcomes: outcomes.slice(0, MOST_OUTCOMES) }),
  };
}

function outcomeOf({ verdict, took, findings, reason }: CaseResult): Outcome {
  const [first] = findings;
  const message = first?.message ?? reason;
  return {
    verdict,
    took,
    ...(first === undefined ? {} : { kind: first.kind }),
    ...(message === undefined ? {} : { message }),
  };
}
