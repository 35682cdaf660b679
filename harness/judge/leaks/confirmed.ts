import type { Suspect } from '../../probe/protocol.ts';
import { growsByTime, isBounded } from './bounded.ts';
import type { Evidence } from '../evidence.ts';
import { growsForCertain } from './memory.ts';

/** Share of the first round's leftovers that each further round must add: a pool that fills up slows down, a leak does not. */
const PACE = 0.75;

/** Whether a suspect is a leak, by its rule; `later` is its count after the confirming rounds. */
export function isConfirmed(suspect: Suspect, later: number, evidence: Evidence): boolean {
  if (suspect.endsWithin !== undefined) return false;
  switch (suspect.rule) {
    case 'presence':
      return true;
    case 'growth':
      return (
        later > suspect.count &&
        !isBounded(suspect.fingerprint, later, evidence) &&
        !(suspect.resource === 'collection' && growsByTime(suspect.fingerprint, later, evidence))
      );
    case 'pace':
      return evidence.confirmingRounds === 0
        ? scalesWithTraffic(suspect, evidence)
        : later - suspect.count >= PACE * suspect.count * evidence.confirmingRounds &&
            !isBounded(suspect.fingerprint, later, evidence);
    default:
      return growsForCertain(evidence);
  }
}

/**
 * Whether a suspect scales with the traffic, if failed scripts prevented further rounds: as many as connections, not gone in
 * time, and nothing else to explain it.
 */
function scalesWithTraffic({ count }: Suspect, evidence: Evidence): boolean {
  if (evidence.drain?.drained !== false) return false;
  if (evidence.reports.settled?.suspects.some(({ rule }) => rule === 'presence')) return false;
  return count >= Math.max(2, evidence.case.connections.count);
}
