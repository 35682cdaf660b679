import { judgedRound, type Evidence } from './evidence.ts';
import type { Finding } from './verdict.ts';
import { oneLine, plural } from './words.ts';

type Law = Extract<Finding, { kind: 'law' }>;

/**
 * Each PROXY header names a client of the round, and no client is named twice. Not asked where the clients' addresses are not
 * known, as behind a link.
 */
export function announcedLaw(evidence: Evidence): Law[] {
  const round = judgedRound(evidence);
  const clients = new Set(round.flatMap(({ source }) => source ?? []));
  if (clients.size === 0) return [];
  const named = round.flatMap(({ announced }) => announced ?? []);
  const wrong = named.filter((name, index) => !clients.has(name) || named.indexOf(name) !== index);
  const first = wrong[0];
  if (first === undefined) return [];
  const why = clients.has(first) ? 'that had been announced already' : 'that is no client of the round';
  const detail = `\`${oneLine(first, 60)}\`, ${why}`;
  const message = `${plural(wrong.length, 'upstream connection was', 'upstream connections were')} announced as of somebody else: ${detail}`;
  return [{ kind: 'law', law: 'announced', message, fingerprint: 'law announced', detail }];
}
