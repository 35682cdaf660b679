import { causesIn } from '../../report/case-causes.ts';
import { identityOf, targetKey } from '../../report/identity-of.ts';
import type { RunReport } from '../../report/run-report.ts';
import { type Exception, type KnownFile } from './known-file.ts';
import { goneFrom, isExpired, type Listed, own } from './mark-known.ts';

type Run = Pick<RunReport, 'results'>;

/**
 * Adds the findings of a run that are not known, and its flaky cases to the quarantine; an expired one is renewed.
 *
 * @returns the new file, and what was added
 */
export function acceptKnown(
  known: KnownFile,
  { results }: Run,
  exception: Exception,
  today: string,
): { file: KnownFile; added: Listed[]; quarantined: string[] } {
  const findings = { ...known.findings };
  const quarantine = { ...known.quarantine };
  const added: Listed[] = [];
  const quarantined: string[] = [];
  for (const result of results) {
    const { id, verdict } = result;
    const target = targetKey(result.target);
    if (verdict === 'flaky' && isOpen(own(quarantine, id), today)) {
      quarantine[id] = exception;
      quarantined.push(id);
    }
    if (verdict !== 'failed') continue;
    for (const cause of causesIn(result).causes) {
      const identity = identityOf(cause);
      const some = own(findings, target) ?? {};
      if (!isOpen(own(some, identity), today)) continue;
      findings[target] = { ...some, [identity]: { ...exception, case: id, message: cause.message } };
      added.push({ target, identity });
    }
  }
  return { file: { ...known, findings, quarantine }, added, quarantined };
}

function isOpen(one: Exception | undefined, today: string): boolean {
  return one === undefined || isExpired(one, today);
}

/** Flaky cases in quarantine whose day is over and that were not flaky in a run. */
function steadyAgain({ quarantine }: KnownFile, { results }: Run, today: string): string[] {
  const steady = new Set(results.filter(({ verdict }) => verdict === 'passed').map(({ id }) => id));
  return Object.entries(quarantine)
    .filter(([id, one]) => steady.has(id) && isExpired(one, today))
    .map(([id]) => id);
}

/** Removes the known findings that no longer occur. */
export function pruneKnown(
  known: KnownFile,
  run: Run,
  today: string,
): { file: KnownFile; removed: Listed[]; released: string[] } {
  const removed = goneFrom(known, run.results);
  const released = steadyAgain(known, run, today);
  const isGone = (target: string, identity: string): boolean =>
    removed.some((one) => one.target === target && one.identity === identity);
  const findings = Object.fromEntries(
    Object.entries(known.findings).map(([target, some]) => [
      target,
      Object.fromEntries(Object.entries(some).filter(([identity]) => !isGone(target, identity))),
    ]),
  );
  const quarantine = Object.fromEntries(
    Object.entries(known.quarantine).filter(([id]) => !released.includes(id)),
  );
  return { file: { ...known, findings, quarantine }, removed, released };
}
