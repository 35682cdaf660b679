import type { CaseResult } from '../judge/verdict.ts';

/**
 * Exit code of a run: 0 nothing found, 1 findings (failed or flaky), 3 a lab error, 130 interrupted. A lab error wins over findings,
 * as the run is incomplete. (2, usage, is the command line's.)
 *
 * @example
 * exitCode([{ …, verdict: 'flaky' }]); // 1
 */
export function exitCode(results: readonly Pick<CaseResult, 'verdict'>[], interrupted = false): number {
  if (interrupted) return 130;
  if (results.some(({ verdict }) => verdict === 'error')) return 3;
  return results.some(({ verdict }) => verdict === 'failed' || verdict === 'flaky') ? 1 : 0;
}
