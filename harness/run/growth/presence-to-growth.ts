import type { Report, Suspect } from '../../probe/protocol.ts';

/**
 * Turns leaks by presence into growth to be confirmed where there are fewer of them than connections: each may be a lazily made singleton, or a leak of some
 * connections only, which more rounds tell. Sockets of the traffic stay leaks: one too many is a connection that did not end.
 */
export function presenceToGrowth(report: Report, connections: number): Report {
  const suspects = report.suspects.map((suspect) => oneToGrowth(suspect, connections));
  return { ...report, suspects: withoutHeld(suspects) };
}

/** Leaves out suspects held by a certain leak, which counts for them, or by a thing that ends by itself; one held by a possible resident may be a leak of its own. */
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

function oneToGrowth(suspect: Suspect, connections: number): Suspect {
  const few = suspect.count === 1 || suspect.count < connections;
  return few && suspect.rule === 'presence' && !isSocket(suspect) ? { ...suspect, rule: 'growth' } : suspect;
}
