import type { Report, Suspect } from '../../probe/protocol.ts';

/**
 * Fewer than the connections: a lazily made singleton, or a leak of some connections only. More rounds tell, so these are no leak
 * by their presence. Sockets of the traffic are: a socket too many is a connection that did not end.
 */
export function weigh(report: Report, connections: number): Report {
  const suspects = report.suspects.map((suspect) => weighOne(suspect, connections));
  return { ...report, suspects: withoutHeld(suspects) };
}

/** What hangs on a leak for certain is counted there, and what hangs on a thing that ends by itself ends with it; what hangs on a possible resident may be a leak of its own. */
function withoutHeld(suspects: readonly Suspect[]): Suspect[] {
  const certain = new Set(
    suspects
      .filter(({ rule, endsWithin }) => rule === 'presence' || endsWithin !== undefined)
      .map(({ fingerprint }) => fingerprint),
  );
  return suspects.filter(({ heldBy }) => heldBy === undefined || !certain.has(heldBy));
}

const isSocket = ({ resource, apart }: Suspect): boolean =>
  (resource === 'socket' && apart !== true) || resource === 'tcp';

function weighOne(suspect: Suspect, connections: number): Suspect {
  const few = suspect.count === 1 || suspect.count < connections;
  return few && suspect.rule === 'presence' && !isSocket(suspect) ? { ...suspect, rule: 'growth' } : suspect;
}
