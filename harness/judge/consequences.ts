import { lineOf } from './fingerprint.ts';
import type { Finding } from './verdict.ts';

/** Kinds that are causes whatever else was found, but for an exit that a leak prevents. */
const CAUSES: ReadonlySet<Finding['kind']> = new Set(['crash', 'leak', 'no-exit', 'fidelity']);

/**
 * Marks the findings of one case that are consequences, with the finding that they follow. Crashes and leaks are causes, and what
 * peers saw, steps that hang and late drains follow from them; without those the first of such findings is the cause of the others.
 *
 * @param shutdown the case tells the target to stop while connections live: what they saw follows from a target that does not exit
 */
export function withConsequences(findings: readonly Finding[], shutdown: boolean): Finding[] {
  const leader =
    findings.find(({ kind }) => kind === 'crash') ??
    findings.find(({ kind }) => kind === 'leak') ??
    (shutdown ? findings.find(({ kind }) => kind === 'no-exit') : undefined) ??
    findings.find(isOpen);
  return findings.map((finding) => {
    const cause = finding.kind === 'no-exit' ? leakThatKeepsAlive(finding, findings) : leader;
    const follows =
      cause !== undefined && cause !== finding && (finding.kind === 'no-exit' || isOpen(finding));
    return follows ? { ...finding, follows: cause.fingerprint } : finding;
  });
}

/** Whether a finding can be the consequence of another. */
function isOpen(finding: Finding): boolean {
  // what arrived too late or not at all may have been held up; what arrived wrong, or was counted wrong, was not
  if (finding.kind === 'law') return /^law bytes (?:not delivered|lost)/.test(finding.fingerprint);
  return !CAUSES.has(finding.kind);
}

/** The leak whose line keeps the target alive, where nothing with another line does, too. */
function leakThatKeepsAlive(
  { alive }: Extract<Finding, { kind: 'no-exit' }>,
  findings: readonly Finding[],
): Finding | undefined {
  const leaks = findings.filter((finding) => finding.kind === 'leak');
  const lines = alive.flatMap(({ where }) => where.slice(0, 1).map(lineOf));
  const keepers = lines.map((line) => leaks.find(({ where }) => where.some((one) => lineOf(one) === line)));
  return keepers.includes(undefined) ? undefined : keepers[0];
}
