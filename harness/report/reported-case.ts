import type { CaseResult } from '../judge/verdict.ts';

/** The result of one case, and where to go on from it. */
export type ReportedCase = CaseResult & {
  /** ISO 8601, when its first run began; absent where it was not run, and in reports of lastfin 0.1 */
  started?: string;
  /** path of its journal, below the folder of the report */
  journal?: string;
  /** the command that runs just this case again */
  rerun?: string;
};
