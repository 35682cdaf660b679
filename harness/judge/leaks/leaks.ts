import type { Position, Report, Suspect } from '../../probe/protocol.ts';
import { LEAK_RESOURCES, type Resource } from '../../resource.ts';
import { isConfirmed } from './confirmed.ts';
import type { Evidence } from '../evidence.ts';
import { connectionsOf } from './memory.ts';
import { identified } from '../identity.ts';
import { mergeLeaks } from './merge-leaks.ts';
import { passedTime, timeInWords } from '../passed-time.ts';
import { at, countOf, oneLine, plural } from '../words.ts';
import type { Leak } from '../verdict.ts';

/**
 * Leaks of the judged round, from the reports. `presence`: being here after settling is enough. `growth`: only things that grew in
 * the judged round and again in the confirming ones; the others are residents, such as a cache that was filled once.
 */
export function leaks(evidence: Evidence): Leak[] {
  const { settled, confirmed, released } = evidence.reports;
  if (evidence.shutdown || settled === undefined) return [];
  const later = byFingerprint(confirmed);
  const found: Leak[] = [];
  const confirmedSuspects = [...byFingerprint(settled).values()].filter(
    (suspect) =>
      suspect.count > 0 && isConfirmed(suspect, later.get(suspect.fingerprint)?.count ?? 0, evidence),
  );
  const leaking = new Set(confirmedSuspects.map(({ fingerprint }) => fingerprint));
  for (const suspect of confirmedSuspects) {
    const { fingerprint, heldBy } = suspect;
    // counted with its holder, unless the holder is a resident
    if (heldBy !== undefined && leaking.has(heldBy)) continue;
    const confirmedCount = later.get(fingerprint)?.count ?? 0;
    if (suspect.rule === 'slope') {
      found.push(slope(suspect, evidence));
      continue;
    }
    // last count before the peers let go, which includes the confirming rounds
    const before = Math.max(suspect.count, confirmedCount);
    found.push(leak(suspect, before, released, evidence));
  }
  return mergeLeaks(found.toSorted((a, b) => order(a) - order(b)));
}

function leak(suspect: Suspect, before: number, released: Report | undefined, evidence: Evidence): Leak {
  const left = released === undefined ? undefined : stillThere(suspect, released);
  const after = firesLater(suspect, evidence);
  const hold = after !== undefined ? 'bounded' : left === undefined || left.count > 0 ? 'hard' : 'peer-held';
  const words = after ?? holdInWords(before, left, passedTime(evidence));
  const where = unique([...(evidence.explained.get(suspect.fingerprint) ?? []), ...suspect.where]);
  return {
    kind: 'leak',
    message: message(suspect, where, words, before, evidence),
    resource: suspect.resource,
    count: suspect.count,
    fingerprint: suspect.fingerprint,
    ...identified(suspect.fingerprint, suspect.where),
    where,
    sample: suspect.sample,
    ...(suspect.path === undefined ? {} : { path: suspect.path }),
    ...(suspect.alsoRetains === undefined ? {} : { alsoRetains: suspect.alsoRetains }),
    hold,
  };
}

/** Time in words when a one-shot timer fires, if that is later than the case waits. A timer that is set again would still be here sooner. */
function firesLater({ firesAfter }: Suspect, { case: plan }: Evidence): string | undefined {
  if (firesAfter === undefined || firesAfter <= plan.expect.drain) return undefined;
  return `bounded: ends by itself after ${timeInWords(firesAfter)}`;
}

/** Leak of memory that grows steadily. The peers let go after each larger round, so the release frees nothing more. */
function slope({ resource, fingerprint }: Suspect, { memory, explained }: Evidence): Leak {
  const last = memory.at(-1);
  const [now, before] = [last?.memory ?? 0, last?.before ?? 0];
  const objects = last?.objects?.[0];
  const where = unique([...(explained.get(fingerprint) ?? []), ...(objects?.where ?? [])]);
  const what = last?.kind === 'kept' ? 'heap and buffers, garbage collected' : 'own memory';
  const figures = `${what}: ${now} KiB, ${before} KiB before`;
  const sample = objects === undefined ? figures : `${objects.sample}; ${figures}`;
  const left = `${countOf(resource, now - before)} left after ${plural(connectionsOf(memory), 'connection', 'connections')}`;
  return {
    kind: 'leak',
    message: `${left}${where[0] === undefined ? `: ${sample}` : `, from ${at(where[0])}`}; hard: the peers had let go`,
    resource,
    count: now - before,
    fingerprint,
    where,
    sample,
    ...(objects?.path === undefined ? {} : { path: objects.path }),
    hold: 'hard',
  };
}

type Left = { count: number; as?: Resource };

/** Part of a leak that is still there after the peers let go. */
function stillThere(suspect: Suspect, released: Report): Left {
  const same = byFingerprint(released).get(suspect.fingerprint);
  if (same !== undefined && same.count > 0) return { count: same.count };
  // a socket that was closed but is still referenced reappears as another kind, created at the same line
  if (suspect.resource === 'socket' && suspect.where[0] !== undefined) {
    const made = at(suspect.where[0]);
    const kept = released.suspects.find(
      (other) =>
        other.resource === 'retained-socket' && other.where[0] !== undefined && at(other.where[0]) === made,
    );
    if (kept !== undefined && kept.count > 0) return { count: kept.count, as: 'retained-socket' };
  }
  return { count: 0 };
}

/**
 * Tells people whether the peers held a leak.
 *
 * @param left part that was still there after the release; undefined: nobody looked
 * @param passed time that had passed inside the target meanwhile, in words
 */
export function holdInWords(before: number, left: Left | undefined, passed?: string): string {
  if (left === undefined) return 'hard: nothing was seen to clear it';
  if (left.count === 0) {
    const unbounded = passed === undefined ? '' : `nothing in the target bounds it within ${passed}; `;
    return `peer-held: ${unbounded}cleared only when the peers let go`;
  }
  if (left.as === 'retained-socket') return 'hard: closed when the peers let go, but still referenced';
  if (left.count < before)
    return `hard: ${before - left.count} cleared when the peers let go, ${left.count} stayed`;
  return 'hard: stayed after the peers let go';
}

const LONGEST_SAMPLE = 160;

function message(
  suspect: Suspect,
  where: Position[],
  hold: string,
  before: number,
  evidence: Evidence,
): string {
  const { count } = evidence.case.connections;
  const grew = growthInWords(suspect, before, evidence);
  const left = `${countOf(suspect.resource, suspect.count)} left after ${plural(count, 'connection', 'connections')}`;
  // a leak seen from outside has no line, so its description must say everything
  if (where[0] === undefined && suspect.sample !== '') {
    const [what = ''] = suspect.sample.split('; such as ');
    return `${left}${grew}: ${oneLine(what, LONGEST_SAMPLE)}; ${hold}`;
  }
  return `${left}${grew}${where[0] === undefined ? '' : `, from ${at(where[0])}`}; ${hold}`;
}

function growthInWords({ rule, count }: Suspect, before: number, { confirmingRounds }: Evidence): string {
  if (rule === 'presence' || confirmingRounds === 0) return '';
  return `, and ${before - count} more in ${confirmingRounds === 2 ? 'two' : confirmingRounds} more rounds`;
}

/** Suspects of a report by fingerprint; counts of the same fingerprint are added. */
function byFingerprint(report: Report | undefined): Map<string, Suspect> {
  const map = new Map<string, Suspect>();
  for (const suspect of report?.suspects ?? []) {
    const known = map.get(suspect.fingerprint);
    map.set(
      suspect.fingerprint,
      known === undefined ? suspect : { ...known, count: known.count + suspect.count },
    );
  }
  return map;
}

function unique(positions: Position[]): Position[] {
  return [...new Map(positions.map((position) => [at(position), position])).values()];
}

/** Holders come before the things that they hold. */
function order(found: Leak): number {
  return LEAK_RESOURCES.indexOf(found.resource);
}
