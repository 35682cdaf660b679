import type { CaseResult } from '../judge/verdict.ts';
import type { Entry, Phase } from '../journal/entry.ts';
import type { RunLab, RunReport, Shard } from './run-report.ts';

/** Facts about a run before its first case. */
export type RunStart = {
  /** version of lastfin */
  lastfin: string;
  started: Date;
  seed: number;
  /** the scenario of each case */
  scenarios: readonly string[];
  targets: readonly string[];
  lab?: RunLab;
  /** part of the suite that is run */
  shard?: Shard;
};

/** Facts about a case before it has run. */
export type CaseStart = { id: string };

/**
 * Place where a reporter writes its text: stdout, or a file. The file gets the whole text when the run has ended, in one step.
 * A reporter of your own that is a class gets it in its constructor.
 */
export type TextOutput = { write(text: string): unknown; isTTY?: false; columns?: number };

/**
 * Receiver of a run's events. Each hook is optional; promises of hooks are awaited, so that a slow writer finishes before the run
 * ends.
 *
 * @example
 * const dots: Reporter = { onCaseEnd: ({ verdict }) => void process.stdout.write(verdict === 'passed' ? '.' : 'F') };
 */
export type Reporter = {
  onRunStart?(run: RunStart): void | Promise<void>;
  onCaseStart?(start: CaseStart): void | Promise<void>;
  onCasePhase?(start: CaseStart, phase: Phase): void | Promise<void>;
  /** An attempt is over, and another comes later: a failed case is tried alone at the end, a stressed one again and again. */
  onCaseWait?(start: CaseStart): void | Promise<void>;
  /** Once a case, after its last attempt; `journals` has one for each attempt. */
  onCaseEnd?(result: CaseResult, journals: readonly (readonly Entry[])[]): void | Promise<void>;
  onRunEnd?(report: RunReport): void | Promise<void>;
};
