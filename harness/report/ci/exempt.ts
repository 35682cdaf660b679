/** Words of an exception that somebody made for a finding or a case: who, until when, and why; undefined for one that has expired. */
function wordsOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { owner, reason, expires, expired } = value as Record<string, unknown>;
  if (expired === true || typeof owner !== 'string' || typeof reason !== 'string') return undefined;
  return `${owner}${typeof expires === 'string' ? `, until ${expires}` : ''}: ${reason}`;
}

/** Exception for a finding or a cause that is listed among the known ones; undefined where it fails the run. */
export function knownAs(finding: object): string | undefined {
  return 'known' in finding ? wordsOf(finding.known) : undefined;
}

/**
 * Exception for a case that did not pass, and does not fail the run: it is in quarantine, or all its findings are known; undefined for
 * others.
 */
export function exemptAs(result: { findings: readonly object[] }): string | undefined {
  const quarantined = 'quarantined' in result ? wordsOf(result.quarantined) : undefined;
  if (quarantined !== undefined) return quarantined;
  const all = result.findings.map(knownAs);
  return all.includes(undefined) ? undefined : all[0];
}
