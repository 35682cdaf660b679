import type { Exempt, Finding } from '../judge/verdict.ts';
import type { Position } from '../probe/protocol.ts';
import type { ReportedCase } from './reported-case.ts';

/** Mistake to fix: findings of one fingerprint over all cases of a run, and their consequences. */
export type Cause = {
  fingerprint: string;
  /** identity for known findings and comparisons; absent where it is the fingerprint */
  identity?: string;
  /** listed among the known findings */
  known?: Exempt;
  kind: Finding['kind'];
  /** message of the smallest case */
  message: string;
  /** lines of the program that made it, most telling first; empty if unknown */
  lines: Position[];
  /** other leaks that occur in exactly these cases, such as the second socket of a pipe */
  joined: { fingerprint: string; message: string }[];
  /** example of a leak's objects; `path`: the references that keep it alive, from a root */
  sample?: string;
  path?: string;
  /** number of cases that show it */
  cases: number;
  ids: string[];
  /** case to begin with: fewest connections, then fewest findings, then the shortest */
  smallest: Pick<ReportedCase, 'id' | 'source' | 'connections' | 'rerun' | 'journal'>;
  /** consequences by kind, with the number of cases */
  consequences: { kind: Finding['kind']; cases: number }[];
};

/** Cases in which one fingerprint is a cause, with the finding in each. */
export type CauseGroup = { fingerprint: string; findings: Map<ReportedCase, Finding> };
