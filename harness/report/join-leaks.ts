import type { Finding } from '../judge/verdict.ts';
import type { CauseGroup } from './cause.ts';

/** A cause, and the leaks that are reported with it. */
export type Joined = { head: CauseGroup; joined: CauseGroup[] };

/**
 * Joins leaks that always come together: those of exactly the same cases, and counts without a line (`record`) that are there in
 * each case of the leaks they come with. A leak that is there in only some of the cases stays a cause of its own.
 */
export function joinLeaks(groups: readonly CauseGroup[]): Joined[] {
  const heads: Joined[] = [];
  for (const group of groups) {
    const twin = isLeak(group) ? heads.find(({ head }) => isLeak(head) && sameCases(head, group)) : undefined;
    if (twin === undefined) heads.push({ head: group, joined: [] });
    else twin.joined.push(group);
  }
  const hosts = new Map(heads.filter(({ head }) => isCount(head)).map((one) => [one, hostsOf(one, heads)]));
  for (const [{ head, joined }, those] of hosts) for (const host of those) host.joined.push(head, ...joined);
  return heads.filter((one) => (hosts.get(one) ?? []).length === 0);
}

/** Leaks with a line that explain a count in each of its cases; none where a case remains that they do not explain. */
function hostsOf({ head }: Joined, heads: readonly Joined[]): Joined[] {
  const hosts = heads.filter(
    (other) => isLeak(other.head) && !isCount(other.head) && isWithin(other.head, head),
  );
  const explained = new Set(hosts.flatMap((host) => [...host.head.findings.keys()]));
  return explained.size === head.findings.size ? hosts : [];
}

const findingsOf = ({ findings }: CauseGroup): Finding[] => [...findings.values()];

function isLeak(group: CauseGroup): boolean {
  return findingsOf(group).every(({ kind }) => kind === 'leak');
}

/** Whether it is a mere count, by the target's own account or by Node's. */
function isCount(group: CauseGroup): boolean {
  return findingsOf(group).every(
    (finding) =>
      finding.kind === 'leak' && (finding.resource === 'record' || finding.resource === 'active-resource'),
  );
}

function sameCases(one: CauseGroup, other: CauseGroup): boolean {
  return one.findings.size === other.findings.size && isWithin(one, other);
}

function isWithin(one: CauseGroup, other: CauseGroup): boolean {
  return [...one.findings.keys()].every((result) => other.findings.has(result));
}
