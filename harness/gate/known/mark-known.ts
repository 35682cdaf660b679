import type { CaseResult, Exempt, Finding } from '../../judge/verdict.ts';
import { causesIn } from '../../report/case-causes.ts';
import { identityOf, targetKey } from '../../report/identity-of.ts';
import type { RunReport } from '../../report/run-report.ts';
import type { Exception, KnownFile } from './known-file.ts';

/** Known finding of a target, by its identity. */
export type Listed = { target: string; identity: string };

/**
 * Marks the known findings of a case, and a flaky case in quarantine. The verdict stays: a known leak is a leak. A consequence is
 * known with its cause.
 *
 * @param today such as `2027-01-31`
 */
export function markKnown<T extends CaseResult>(result: T, known: KnownFile, today: string): T {
  const findings = knownFindings(result, known, today);
  const held = own(known.quarantine, result.id);
  return {
    ...result,
    findings,
    ...(result.verdict === 'flaky' && held !== undefined ? { quarantined: exempt(held, today) } : {}),
  };
}

/** Takes the marks of an earlier day off a stored result. */
export function withoutMarks<T extends CaseResult>(result: T): T {
  const { quarantined: _, ...rest } = result;
  const findings = result.findings.map(({ known: __, ...finding }): Finding => finding);
  return { ...rest, findings } as T;
}

function knownFindings(result: CaseResult, { findings: all }: KnownFile, today: string): Finding[] {
  const listed = own(all, targetKey(result.target)) ?? {};
  const marks = new Map<string, Exempt>();
  const { causes, consequences } = causesIn(result);
  for (const cause of causes) {
    const one = own(listed, identityOf(cause));
    if (one !== undefined) marks.set(cause.fingerprint, exempt(one, today));
  }
  for (const { finding, of } of consequences) {
    const mark = marks.get(of);
    if (mark !== undefined && !marks.has(finding.fingerprint)) marks.set(finding.fingerprint, mark);
  }
  return result.findings.map((finding) => {
    const mark = marks.get(finding.fingerprint);
    return mark === undefined ? finding : { ...finding, known: mark };
  });
}

function exempt({ owner, reason, expires }: Exception, today: string): Exempt {
  return { owner, reason, expires, ...(isExpired({ expires }, today) ? { expired: true } : {}) };
}

/** Whether the last day of an exception is over. */
export function isExpired({ expires }: Pick<Exception, 'expires'>, today: string): boolean {
  return expires < today;
}

/** Own property of a map whose keys come from a file. */
export function own<T>(map: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Summary of the known findings for the report of a run. */
export function knownIn(
  known: KnownFile,
  file: string,
  results: readonly CaseResult[],
): NonNullable<RunReport['known']> {
  const targets = new Set(results.map(({ target }) => targetKey(target)));
  const listed = Object.entries(known.findings).filter(([target]) => targets.has(target));
  return {
    file,
    findings: listed.reduce((sum, [, some]) => sum + Object.keys(some).length, 0),
    gone: goneFrom(known, results),
  };
}

/** Known findings that a run has shown to be gone: their case has run, and no case of their target has them. */
export function goneFrom({ findings }: KnownFile, results: readonly CaseResult[]): Listed[] {
  const ran = new Set<string>();
  const seen = new Map<string, Set<string>>();
  for (const { id, target: given, verdict, findings: found } of results) {
    if (verdict === 'skipped' || verdict === 'error') continue;
    const target = targetKey(given);
    ran.add(`${target} ${id}`);
    const all = seen.get(target) ?? new Set();
    for (const finding of found) all.add(identityOf(finding));
    seen.set(target, all);
  }
  return Object.entries(findings).flatMap(([target, some]) =>
    Object.entries(some)
      .filter(
        ([identity, one]) => ran.has(`${target} ${one.case}`) && seen.get(target)?.has(identity) !== true,
      )
      .map(([identity]) => ({ target, identity })),
  );
}
