import { lineOf } from './fingerprint.ts';
import type { Finding } from './verdict.ts';

/** Kinds of finding that can follow from a leak or a crash: endings that peers saw, steps that hung, reasons, late drains. */
const CONSEQUENCES: ReadonlySet<Finding['kind']> = new Set([
  'termination',
  'seen',
  'step',
  'recovery',
  'load',
  'drain',
]);

/**
 * Marks the findings of one case that are consequences, with the finding that they follow. Crashes and leaks are causes; endings
 * that peers saw, hung steps and late drains follow from them. Without a cause, the first such finding becomes the cause of the others.
 *
 * @param shutdown the case stops the target while connections live: a target that does not exit explains what the peers saw
 */
export function withConsequences(findings: readonly Finding[], shutdown: boolean): Finding[] {
  const grave =
    findings.find(({ kind }) => kind === 'crash') ??
    findings.find(({ kind }) => kind === 'obstruction') ??
    findings.find(({ kind }) => kind === 'leak') ??
    (shutdown ? findings.find(({ kind }) => kind === 'no-exit') : undefined);
  const cause = grave ?? findings.find(({ kind }) => CONSEQUENCES.has(kind));
  return findings.map((finding) => {
    const of =
      finding.kind === 'no-exit'
        ? leakThatKeepsAlive(finding, findings)
        : CONSEQUENCES.has(finding.kind) || (grave === undefined && isMissing(finding))
          ? cause
          : undefined;
    return of === undefined || of === finding ? finding : { ...finding, follows: of.fingerprint };
  });
}

/** Whether a finding is about missing bytes, for which a step waited. A leak does not explain those: they are a mistake of their own. */
function isMissing({ fingerprint }: Finding): boolean {
  return fingerprint === 'invariant bytes not delivered';
}

/** Leak whose line keeps the target alive, provided that no other line does, too. */
function leakThatKeepsAlive(
  { alive }: Extract<Finding, { kind: 'no-exit' }>,
  findings: readonly Finding[],
): Finding | undefined {
  const leaks = findings.filter((finding) => finding.kind === 'leak');
  const lines = alive.flatMap(({ where }) => where.slice(0, 1).map(lineOf));
  const keepers = lines.map((line) => leaks.find(({ where }) => where.some((one) => lineOf(one) === line)));
  return keepers.includes(undefined) ? undefined : keepers[0];
}
