import type { Finding } from '../judge/verdict.ts';
import type { Position } from '../probe/protocol.ts';
import { causesIn } from './case-causes.ts';
import { linesOfLife } from './finding/life-lines.ts';
import { joinLeaks } from './join-leaks.ts';
import type { ReportedCase } from './reported-case.ts';
import type { Cause, CauseGroup } from './cause.ts';

/**
 * Groups the findings of a run by cause, the most frequent first. Two leaks become one cause only if neither ever occurs without the
 * other.
 *
 * @example
 * groupCauses(results).map(({ cases, message }) => `${cases} cases: ${message}`);
 */
export function groupCauses(results: readonly ReportedCase[]): Cause[] {
  const groups = new Map<string, CauseGroup>();
  const followers = new Map<string, Map<Finding['kind'], Set<string>>>();
  for (const result of results) {
    if (result.verdict !== 'failed' && result.verdict !== 'flaky') continue;
    const { causes, consequences } = causesIn(result);
    for (const finding of causes) {
      const { fingerprint } = finding;
      const group = groups.get(fingerprint) ?? { fingerprint, findings: new Map() };
      if (!group.findings.has(result)) group.findings.set(result, finding);
      groups.set(fingerprint, group);
    }
    for (const { finding, of } of consequences) {
      const kinds = followers.get(of) ?? new Map<Finding['kind'], Set<string>>();
      kinds.set(finding.kind, (kinds.get(finding.kind) ?? new Set()).add(result.id));
      followers.set(of, kinds);
    }
  }
  return joinLeaks([...groups.values()])
    .map(({ head, joined }) => causeOf(head, joined, followers))
    .toSorted(byWeight);
}

/** Kinds that tell most come first among causes of as many cases. */
const MOST_TELLING: readonly Finding['kind'][] = ['crash', 'obstruction', 'leak', 'no-exit'];

function byWeight(a: Cause, b: Cause): number {
  return b.cases - a.cases || rank(a) - rank(b) || (a.fingerprint < b.fingerprint ? -1 : 1);
}

function rank({ kind }: Cause): number {
  const index = MOST_TELLING.indexOf(kind);
  return index === -1 ? MOST_TELLING.length : index;
}

function causeOf(
  head: CauseGroup,
  joined: CauseGroup[],
  followers: Map<string, Map<Finding['kind'], Set<string>>>,
): Cause {
  const [smallest, finding] = [...head.findings].toSorted(([a], [b]) => bySize(a, b))[0] ?? [];
  if (smallest === undefined || finding === undefined) throw new TypeError('a cause without a case');
  const beside = joined.flatMap(
    (group) => group.findings.get(smallest) ?? [...group.findings.values()][0] ?? [],
  );
  const kinds = new Map<Finding['kind'], Set<string>>();
  for (const { fingerprint } of [head, ...joined]) {
    for (const [kind, ids] of followers.get(fingerprint) ?? [])
      kinds.set(kind, new Set([...(kinds.get(kind) ?? []), ...ids]));
  }
  const { id, source, connections, rerun, journal } = smallest;
  return {
    fingerprint: head.fingerprint,
    ...(finding.identity === undefined ? {} : { identity: finding.identity }),
    ...knownOf([head, ...joined].flatMap((group) => [...group.findings.values()])),
    kind: finding.kind,
    message: finding.message,
    lines: distinct([finding, ...beside].flatMap(linesOf)),
    ...heldBy(finding),
    joined: beside.map(({ fingerprint, message }) => ({ fingerprint, message })),
    cases: head.findings.size,
    ids: [...head.findings.keys()].map((one) => one.id),
    smallest: {
      id,
      source,
      ...(connections === undefined ? {} : { connections }),
      ...(rerun === undefined ? {} : { rerun }),
      ...(journal === undefined ? {} : { journal }),
    },
    consequences: [...kinds].map(([kind, ids]) => ({ kind, cases: ids.size })),
  };
}

function heldBy(finding: Finding): Pick<Cause, 'sample' | 'path'> {
  if (finding.kind !== 'leak') return {};
  const { sample, path = '' } = finding;
  return { ...(sample === '' ? {} : { sample }), ...(path === '' ? {} : { path }) };
}

/** Mark of a cause whose findings are all known; an expired one comes first, since it fails. */
function knownOf(findings: readonly Finding[]): Pick<Cause, 'known'> {
  const marks = findings.flatMap(({ known }) => known ?? []);
  const known = marks.find(({ expired }) => expired === true) ?? marks[0];
  return known === undefined || marks.length < findings.length ? {} : { known };
}

function bySize(a: ReportedCase, b: ReportedCase): number {
  return (
    // a case that fails each time shows it better than a flaky one
    Number(a.verdict === 'flaky') - Number(b.verdict === 'flaky') ||
    // so does one that another run has explained
    Number(isExplained(b)) - Number(isExplained(a)) ||
    (a.connections ?? Number.MAX_SAFE_INTEGER) - (b.connections ?? Number.MAX_SAFE_INTEGER) ||
    a.findings.length - b.findings.length ||
    a.took - b.took
  );
}

function isExplained({ findings }: ReportedCase): boolean {
  return findings.some(({ lives }) => lives !== undefined);
}

/** Lines of the program that a finding names. */
export function linesOf(finding: Finding): Position[] {
  if (finding.kind === 'leak' || finding.kind === 'crash') return finding.where;
  if (finding.kind === 'no-exit') return finding.alive.flatMap(({ where }) => where.slice(0, 1));
  return (finding.lives ?? []).map(linesOfLife).find((lines) => lines.length > 0) ?? [];
}

function distinct(positions: readonly Position[]): Position[] {
  return [...new Map(positions.map((one) => [`${one.file}:${one.line}:${one.column}`, one])).values()];
}
