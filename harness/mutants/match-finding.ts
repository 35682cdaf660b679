import type { Finding } from '../judge/verdict.ts';
import type { Mutant } from './mutant-file.ts';

/** Whether a finding is the one that must give the mutant away: the right kind, resource and file. */
export function isExpectedFinding(finding: Finding, { expect }: Pick<Mutant, 'expect'>): boolean {
  if (finding.kind !== expect.kind) return false;
  if (expect.resource !== undefined && !('resource' in finding && finding.resource === expect.resource))
    return false;
  if (expect.says !== undefined && !finding.message.includes(expect.says)) return false;
  if (expect.where === undefined) return true;
  const { where } = expect;
  return 'where' in finding && finding.where.some(({ file }) => file.endsWith(where));
}
