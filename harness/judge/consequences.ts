import { lineOf } from './fingerprint.ts';
import type { Finding } from './verdict.ts';

/** Kinds that can follow from a leak or a crash: what peers saw, steps that hung, reasons, what came too late. */
const CONSEQUENCES: ReadonlySet<Finding['kind']> = new Set([
  'termination',
  'seen',
  'step',
  'recovery',
  'drain',
]);

/**
 * Marks the findings of one case that are consequences, with the finding that they follow. Crashes and leaks are causes, and what
 * peers saw, steps that hung and late drains follow from them; without those the first of such findings is the cause of the others.
 *
 * @param shutdown the case tells the target to stop while connections live: what they saw follows from a target that does not exit
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

/** Bytes that did not arrive are what a step waited for. A leak does not explain them: they are a mistake of their own beside it. */
function isMissing({ fingerprint }: Finding): boolean {
  return fingerprint === 'law bytes not delivered';
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
