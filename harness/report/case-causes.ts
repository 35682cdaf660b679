import type { CaseResult, Finding } from '../judge/verdict.ts';

/** Findings of a case: causes, and consequences with the fingerprint of their cause (`of`). */
export type CaseCauses = { causes: Finding[]; consequences: { finding: Finding; of: string }[] };

/**
 * Sorts the findings of a case into causes and consequences. Where the cause is gone, such as a leak that the target file
 * excuses, the first of its consequences stands in for it.
 *
 * @example
 * const late = { kind: 'drain', message: 'late', fingerprint: 'drain', took: 2, limit: 1 };
 * causesIn({ findings: [late, { ...late, fingerprint: 'other', follows: 'drain' }] }).causes.length; // 1
 */
export function causesIn({ findings }: Pick<CaseResult, 'findings'>): CaseCauses {
  const present = new Set(findings.map((finding) => finding.fingerprint));
  const standIns = new Map<string, string>();
  const sorted: CaseCauses = { causes: [], consequences: [] };
  for (const finding of findings) {
    const { follows } = finding;
    const of = follows === undefined || present.has(follows) ? follows : standIns.get(follows);
    if (of !== undefined) {
      sorted.consequences.push({ finding, of });
      continue;
    }
    sorted.causes.push(finding);
    if (follows !== undefined) standIns.set(follows, finding.fingerprint);
  }
  return sorted;
}
