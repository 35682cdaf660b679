import type { Entry, Phase } from '../../journal/entry.ts';
import type { Finding } from '../../judge/verdict.ts';
import type { FindingText } from '../finding-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { RunReport } from '../run-report.ts';
import type { EarlierRun } from './earlier-run.ts';

/** Case in the lists of the page: all that they filter, sort and show. */
export type Row = Pick<
  ReportedCase,
  'id' | 'scenario' | 'cell' | 'verdict' | 'took' | 'drain' | 'connections' | 'fidelity' | 'target'
> & {
  /** message of the first cause, or the reason of a skip or an error; one line */
  note?: string;
  kinds: Finding['kind'][];
  fingerprints: string[];
  /** attempts, if more than one */
  attempts?: number;
};

/** Lines of a source around a position. */
export type Frame = {
  first: number;
  lines: string[];
  /** marked line; 0: none */
  line: number;
  column: number;
  /** functions that a listener calls, with the keys of their frames */
  calls?: { key: string; name: string }[];
};

/** Overview of a run: parsed as soon as the page is open. */
export type RunData = {
  run: Omit<RunReport, 'results'>;
  rows: Row[];
  /** code by `file:line:column`, where the sources were there when the report was written */
  frames: Record<string, Frame>;
  /** cases whose journal is left out, to keep the file small */
  thinned: number;
  /** runs on the same targets before this one, the oldest first, and the figures of this one in the same form */
  trend?: { earlier: EarlierRun[]; now: EarlierRun };
  /** cases that are to be run, in a run that goes on */
  planned?: number;
};

/** Change of a run that goes on: rows and code are those that have come since the one before. */
export type RunUpdate = Pick<RunData, 'run' | 'rows' | 'frames'>;

/** Case under way. */
export type UnderWay = { id: string; phase?: Phase };

/** Page of a case: inflated when it is opened. */
export type CaseData = {
  result: ReportedCase;
  /** texts of the findings, in their order */
  texts: FindingText[];
  /** a journal for each attempt that was kept; none where the file would grow too large */
  journals: Entry[][];
};
