import type { Excuse } from '../journal/entry.ts';
import { matches } from '../../shared/yaml-file/pattern.ts';
import type { CaseResult, Finding } from './verdict.ts';

/** Kinds of finding that must be excused by name: an excuse for an ending must never hide a leak. */
const BY_NAME: readonly Finding['kind'][] = ['leak', 'crash', 'no-exit', 'obstruction'];

/**
 * Separates findings that the target file excuses from the others.
 *
 * @example
 * excuse([{ kind: 'seen', … }], [{ reason: 'nginx ends both sides at the first FIN' }]).findings; // []
 */
export function excuse(
  found: readonly Finding[],
  excuses: readonly Excuse[],
): { findings: Finding[]; excused: NonNullable<CaseResult['excused']> } {
  const reasons = new Map<string, string>();
  const findings: Finding[] = [];
  const excused: NonNullable<CaseResult['excused']> = [];
  for (const finding of found) {
    // consequences of an excused finding are excused with it
    const cause = BY_NAME.includes(finding.kind) ? undefined : reasons.get(finding.follows ?? '');
    const reason = excuses.find((one) => fits(one, finding))?.reason ?? cause;
    if (reason === undefined) findings.push(finding);
    else {
      reasons.set(finding.fingerprint, reason);
      excused.push({ reason, finding });
    }
  }
  return { findings, excused };
}

function fits({ finding: kind, says }: Excuse, finding: Finding): boolean {
  const { kind: found, message } = finding;
  const isKind = kind === undefined ? !BY_NAME.includes(found) : kind === found;
  const texts = 'sample' in finding ? [message, finding.sample] : [message];
  return isKind && (says === undefined || texts.some((text) => matches({ source: says }, text)));
}
