import type { ConnectionSeen, Entry, Phase } from '../../journal/entry.ts';
import type { Finding } from '../../judge/verdict.ts';
import type { FindingText } from '../finding-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { RunReport } from '../run-report.ts';

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
export type Frame = { first: number; lines: string[]; line: number; column: number };

/** Usual cause of a kind of finding, and its fix. */
export type Advice = { cause: string; fix: string };

/** Overview of a run: parsed as soon as the page is open. */
export type RunData = {
  run: Omit<RunReport, 'results'>;
  rows: Row[];
  /** code by `file:line:column`, where the sources were there when the report was written */
  frames: Record<string, Frame>;
  /** by resource of a leak, name of an invariant, or kind of finding */
  advice: Record<string, Advice>;
  /** cases whose journal is left out, to keep the file small */
  thinned: number;
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
  journals: TimedEntry[][];
};

/** Moment in the life of a connection as one actor saw it; `t` in ms since the case began. */
export type ConnectionEvent = {
  t: number;
  event:
    | 'opened'
    | 'established'
    | 'first-byte'
    | 'step'
    | 'fin-sent'
    | 'fin'
    | 'rst-sent'
    | 'rst'
    | 'closed'
    | 'error';
  step?: number;
  code?: string;
};

/** Entries of journals that tell time, beside those of older ones. */
export type TimedEntry =
  | Entry
  | ({ t: number; type: 'connection'; events?: ConnectionEvent[] } & ConnectionSeen)
  | {
      t: number;
      type: 'counts';
      descriptors?: number;
      records?: number;
      active?: Record<string, number>;
      rss?: number;
    }
  | { t: number; type: 'output'; stream: 'stdout' | 'stderr'; text: string; cut?: true };
