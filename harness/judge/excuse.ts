import type { Excuse } from '../run/journal.ts';
import type { CaseResult, Finding } from './verdict.ts';

/** Kinds that must be excused by name: an excuse for an ending must never hide a leak. */
const BY_NAME: readonly Finding['kind'][] = ['leak', 'crash', 'no-exit'];

/**
 * Splits findings into those that stand and those that the target file excuses.
 *
 * @example
 * excuse([{ kind: 'seen', … }], [{ reason: 'nginx ends both sides at the first FIN' }]).findings; // []
 */
export function excuse(
  found: readonly Finding[],
  excuses: readonly Excuse[],
): { findings: Finding[]; excused: NonNullable<CaseResult['excused']> } {
  const findings: Finding[] = [];
  const excused: NonNullable<CaseResult['excused']> = [];
  for (const finding of found) {
    const fitting = excuses.find((one) => fits(one, finding));
    if (fitting === undefined) findings.push(finding);
    else excused.push({ reason: fitting.reason, finding });
  }
  return { findings, excused };
}

function fits({ finding: kind, says }: Excuse, { kind: found, message }: Finding): boolean {
  const isKind = kind === undefined ? !BY_NAME.includes(found) : kind === found;
  return isKind && (says === undefined || new RegExp(says, 'u').test(message));
}
