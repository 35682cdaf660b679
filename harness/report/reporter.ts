import type { CaseResult } from '../judge/verdict.ts';
import type { Entry, Phase } from '../journal/entry.ts';
import type { RunLab, RunReport } from './run-report.ts';

/** What is known of a run before its first case. */
export type RunStart = {
  /** version of lastfin */
  lastfin: string;
  started: Date;
  seed: number;
  /** the scenario of each case */
  scenarios: readonly string[];
  targets: readonly string[];
  lab?: RunLab;
};

/** What is known of a case before it has run. */
export type CaseStart = { id: string };

/**
 * Someone who is told how a run goes. Each hook may be left out; hooks that return a promise are waited for, so that a slow
 * writer is not overtaken by the end of the run.
 *
 * @example
 * const dots: Reporter = { onCaseEnd: ({ verdict }) => void process.stdout.write(verdict === 'passed' ? '.' : 'F') };
 */
export type Reporter = {
  onRunStart?(run: RunStart): void | Promise<void>;
  onCaseStart?(start: CaseStart): void | Promise<void>;
  onCasePhase?(start: CaseStart, phase: Phase): void | Promise<void>;
  /** Once a case, after its last attempt; `journals` has one for each attempt. */
  onCaseEnd?(result: CaseResult, journals: readonly (readonly Entry[])[]): void | Promise<void>;
  onRunEnd?(report: RunReport): void | Promise<void>;
};
