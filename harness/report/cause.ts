import type { Finding } from '../judge/verdict.ts';
import type { Position } from '../probe/protocol.ts';
import type { ReportedCase } from './reported-case.ts';

/** One thing to mend: findings of one fingerprint over all cases of a run, and what follows from them. */
export type Cause = {
  fingerprint: string;
  kind: Finding['kind'];
  /** as the smallest case says it */
  message: string;
  /** lines of the program that made it, most telling first; none where it has none */
  lines: Position[];
  /** other leaks that are there in just these cases, such as the second socket of a pipe */
  joined: { fingerprint: string; message: string }[];
  /** number of cases that show it */
  cases: number;
  ids: string[];
  /** the case to begin with: fewest connections, then fewest findings, then the shortest */
  smallest: Pick<ReportedCase, 'id' | 'source' | 'connections' | 'rerun' | 'journal'>;
  /** findings that follow from it, by kind: in how many of the cases */
  consequences: { kind: Finding['kind']; cases: number }[];
};

/** Cases in which one fingerprint is a cause, with the finding in each. */
export type CauseGroup = { fingerprint: string; findings: Map<ReportedCase, Finding> };
