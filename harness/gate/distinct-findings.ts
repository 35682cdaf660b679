import type { Exempt, Finding } from '../judge/verdict.ts';
import { causesIn } from '../report/case-causes.ts';
import { identityOf, targetKey } from '../report/identity-of.ts';
import type { RunReport } from '../report/run-report.ts';

/** Finding of a run over all cases of a target: a mistake to fix. */
export type DistinctFinding = {
  target: string;
  identity: string;
  kind: Finding['kind'];
  message: string;
  /** ids of the cases that show it */
  cases: string[];
  known?: Exempt;
};

/** Findings of a run, each once for a target; consequences belong to their cause. Flaky cases are counted apart. */
export function distinctFindings({ results }: Pick<RunReport, 'results'>): DistinctFinding[] {
  const found = new Map<string, DistinctFinding>();
  for (const result of results) {
    if (result.verdict !== 'failed') continue;
    for (const cause of causesIn(result).causes) {
      const identity = identityOf(cause);
      const target = targetKey(result.target);
      const key = `${target}\n${identity}`;
      const before = found.get(key);
      if (before !== undefined) {
        if (!before.cases.includes(result.id)) before.cases.push(result.id);
        continue;
      }
      const { kind, message, known } = cause;
      found.set(key, {
        target,
        identity,
        kind,
        message,
        cases: [result.id],
        ...(known === undefined ? {} : { known }),
      });
    }
  }
  return [...found.values()].toSorted((a, b) => b.cases.length - a.cases.length);
}
