import type { CaseResult } from '../judge/verdict.ts';

type Judged = Pick<CaseResult, 'verdict' | 'findings' | 'quarantined'>;

/**
 * Exit code of a run: 0 nothing found but what is known, 1 findings (failed or flaky), 3 a lab error, 130 interrupted. A lab error wins over findings,
 * as the run is incomplete. (2, usage, is the command line's.)
 *
 * @example
 * exitCode([{ …, verdict: 'flaky' }]); // 1
 */
export function exitCode(results: readonly Judged[], interrupted = false): number {
  if (interrupted) return 130;
  if (results.some(({ verdict }) => verdict === 'error')) return 3;
  return results.some((one) => (one.verdict === 'failed' || one.verdict === 'flaky') && !isExempt(one))
    ? 1
    : 0;
}

/** Whether a case that failed or was flaky does not fail the run: all its findings are known, or it is in quarantine. */
export function isExempt({ verdict, findings, quarantined }: Judged): boolean {
  if (verdict !== 'failed' && verdict !== 'flaky') return false;
  if (quarantined !== undefined && quarantined.expired !== true) return true;
  return findings.length > 0 && findings.every(({ known }) => known !== undefined && known.expired !== true);
}
