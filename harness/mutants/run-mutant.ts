import type { CaseResult, Finding } from '../judge/verdict.ts';
import { casePattern } from '../scenario/case-pattern.ts';
import type { Case } from '../scenario/scenario.ts';
import { isExpectedFinding } from './match-finding.ts';
import type { Mutant } from './mutant-file.ts';

export type MutantResult = {
  id: string;
  about: string;
  seed?: string;
  /** found: by the finding it must be; elsewhere: something failed, but nothing named the right thing */
  outcome: 'found' | 'elsewhere' | 'missed' | 'error';
  /** the case that gave it away, or that failed, and what it said */
  by?: { case: string; finding?: Finding; message: string };
  /** cases that were run */
  cases: number;
  /** ms */
  took: number;
};

/**
 * Hunts one mutant: the cases it names first, then the rest of the suite, until the finding it must cause shows.
 *
 * @param run runs and judges one case against the mutant
 */
export async function runMutant(
  mutant: Mutant,
  suite: readonly Case[],
  run: (plan: Case) => Promise<CaseResult>,
): Promise<MutantResult> {
  const start = performance.now();
  const known = {
    id: mutant.id,
    about: mutant.about,
    ...(mutant.seed === undefined ? {} : { seed: mutant.seed }),
  };
  let failed: MutantResult['by'];
  let error: MutantResult['by'];
  let cases = 0;
  const result = (outcome: MutantResult['outcome'], by?: MutantResult['by']): MutantResult => {
    return { ...known, outcome, ...(by ? { by } : {}), cases, took: Math.round(performance.now() - start) };
  };
  for (const plan of inOrder(mutant, suite)) {
    const judged = await run(plan);
    cases++;
    const finding = judged.findings.find((one) => isExpectedFinding(one, mutant));
    if (finding) return result('found', { case: plan.id, finding, message: finding.message });
    if (judged.verdict === 'error') error ??= { case: plan.id, message: judged.reason ?? 'lab error' };
    const first = judged.findings[0];
    if (first) failed ??= { case: plan.id, finding: first, message: first.message };
  }
  if (error) return result('error', error);
  return failed ? result('elsewhere', failed) : result('missed');
}

function inOrder({ cases }: Mutant, suite: readonly Case[]): Case[] {
  const named = cases.flatMap((pattern) => suite.filter(({ id }) => casePattern(pattern)(id)));
  return [...new Set([...named, ...suite])];
}
