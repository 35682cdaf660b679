import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { CaseResult, Finding } from '../judge/verdict.ts';
import { casePattern } from '../scenario/case-pattern.ts';
import type { Case } from '../scenario/case.ts';
import { isExpectedFinding } from './match-finding.ts';
import type { Mutant } from './mutant-file.ts';

/** A case of the suite, with whatever is needed to run it. */
type Planned = { testCase: Pick<Case, 'id'> };

export type MutantResult = {
  id: string;
  about: string;
  pattern?: string;
  /** found: by the expected finding; elsewhere: a case failed, but with other findings only */
  outcome: 'found' | 'elsewhere' | 'missed' | 'error';
  /** the case that found the mutant, or failed otherwise, and its message */
  by?: { case: string; finding?: Finding; message: string };
  /** cases that were run */
  cases: number;
  /** duration, ms */
  took: number;
};

/**
 * Hunts one mutant through the cases until the finding it must cause shows.
 *
 * @param cases in the order in which they are run
 * @param run runs and judges one case against the mutant
 */
export async function runMutant<T extends Planned>(
  mutant: Mutant,
  cases: readonly T[],
  run: (one: T) => Promise<CaseResult>,
): Promise<MutantResult> {
  const start = performance.now();
  const known = {
    id: mutant.id,
    about: mutant.about,
    ...(mutant.pattern === undefined ? {} : { pattern: mutant.pattern }),
  };
  let failed: MutantResult['by'];
  let error: MutantResult['by'];
  let count = 0;
  const result = (outcome: MutantResult['outcome'], by?: MutantResult['by']): MutantResult => {
    return {
      ...known,
      outcome,
      ...(by ? { by } : {}),
      cases: count,
      took: Math.round(performance.now() - start),
    };
  };
  for (const one of cases) {
    const { testCase } = one;
    const judged = await run(one);
    count++;
    const finding = judged.findings.find((found) => isExpectedFinding(found, mutant));
    if (finding) return result('found', { case: testCase.id, finding, message: finding.message });
    if (judged.verdict === 'error') error ??= { case: testCase.id, message: judged.reason ?? 'lab error' };
    const first = judged.findings[0];
    if (first) failed ??= { case: testCase.id, finding: first, message: first.message };
  }
  if (error) return result('error', error);
  return failed ? result('elsewhere', failed) : result('missed');
}

/**
 * Cases that must find a mutant; with `all`, followed by the rest of the suite. Without it, a mutant that no named case finds counts
 * as missed: the whole suite against one mutant takes an hour.
 * Throws `LASTFIN_MUTANT_STALE` where a name fits no case.
 */
export function casesOf<T extends Planned>({ cases, file }: Mutant, suite: readonly T[], all: boolean): T[] {
  const named = cases.flatMap((pattern) => {
    const fitting = suite.filter(({ testCase }) => casePattern(pattern)(testCase.id));
    if (fitting.length === 0)
      throw new LastfinError(
        'LASTFIN_MUTANT_STALE',
        `${file}: no case of the suite is named \`${pattern}\``,
        {
          facts: { file, pattern },
        },
      );
    return fitting;
  });
  return [...new Set([...named, ...(all ? suite : [])])];
}
