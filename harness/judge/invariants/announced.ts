import type { ConnectionSeen } from '../../journal/entry.ts';
import { judgedRound, type Evidence } from '../evidence.ts';
import type { Invariant } from '../verdict.ts';
import { oneLine, plural } from '../words.ts';

/**
 * Checks that each PROXY header names a client of the round, and no client twice. Skipped where the clients' addresses are
 * unknown, as behind a link.
 */
export function announcedInvariant(evidence: Evidence): Invariant[] {
  const round = judgedRound(evidence);
  const clients = new Set(round.flatMap(({ source }) => source ?? []));
  if (clients.size === 0) return [];
  const named = round.flatMap(({ announced }) => announced ?? []);
  const wrong = named.filter((name, index) => !clients.has(name) || named.indexOf(name) !== index);
  const first = wrong[0];
  if (first === undefined) return wrongDestination(round);
  const why = clients.has(first) ? 'that had been announced already' : 'that is no client of the round';
  const detail = `\`${oneLine(first, 60)}\`, ${why}`;
  const message = `${plural(wrong.length, 'upstream connection was', 'upstream connections were')} announced as of somebody else: ${detail}`;
  return [{ kind: 'invariant', invariant: 'announced', message, fingerprint: 'invariant announced', detail }];
}

/** Checks that each header names the address to which its client connected, through any number of proxies. */
function wrongDestination(round: readonly ConnectionSeen[]): Invariant[] {
  const destinations = new Map(round.map(({ source, destination }) => [source, destination]));
  const wrong = round.filter(({ announced, announcedTo }) => {
    const destination = announced === undefined ? undefined : destinations.get(announced);
    return (
      announcedTo !== undefined && destination !== undefined && plain(announcedTo) !== plain(destination)
    );
  });
  const [first] = wrong;
  if (first === undefined) return [];
  const named = oneLine(first.announcedTo ?? '', 60);
  const detail = `\`${named}\`, and its client has connected to ${destinations.get(first.announced) ?? ''}`;
  const message = `${plural(wrong.length, 'upstream connection was', 'upstream connections were')} announced with another destination: ${detail}`;
  return [
    {
      kind: 'invariant',
      invariant: 'announced',
      message,
      fingerprint: 'invariant announced destination',
      detail,
    },
  ];
}

/** Address in plain form: an IPv4 address in an IPv6 header is the same address. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
