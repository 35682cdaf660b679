import type { SocketSide } from '../../scenario/trigger.ts';
import { rangeInWords, within } from '../../count-range.ts';
import { reasonsOf } from '../invariants/end-lines.ts';
import type { Evidence, SampleAt } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import { growth, total } from '../tally.ts';
import type { Finding } from '../verdict.ts';
import { oneLine } from '../words.ts';

export type Ended = Record<SocketSide, Map<string, number>>;

/**
 * Number of sides by termination reason in the judged round: from the counters; after a shutdown without a last look, from the
 * end lines. Undefined if the target publishes neither.
 */
export function endedInRound(evidence: Evidence): Ended | undefined {
  const { baseline, head } = evidence;
  if (baseline === undefined) return undefined;
  const after = evidence.settled ?? evidence.stopping ?? evidence.released;
  const counted = after === undefined || !head.publishes.terminations ? undefined : between(baseline, after);
  if (counted === undefined && head.publishes.logged === true) return fromEndLines(evidence, baseline);
  if (!evidence.shutdown || !head.publishes.ends) return counted;
  const logged = fromEndLines(evidence, baseline);
  // a sample of a stopping target may be taken half-way: the fuller account counts
  if (counted === undefined) return logged;
  return size(logged) > size(counted) ? logged : counted;
}

function between(before: SampleAt, after: SampleAt): Ended {
  return {
    incoming: growth(before.sample.terminations.incoming, after.sample.terminations.incoming),
    outgoing: growth(before.sample.terminations.outgoing, after.sample.terminations.outgoing),
  };
}

function fromEndLines(evidence: Evidence, baseline: SampleAt): Ended {
  const lines = evidence.endLines
    .filter(({ index }) => index > baseline.index && index < evidence.moreRoundsAt)
    .map(({ line }) => line);
  return {
    incoming: reasonsOf(lines, 'incoming'),
    outgoing: reasonsOf(lines, 'outgoing'),
  };
}

function size(ended: Ended): number {
  return total(ended.incoming) + total(ended.outgoing);
}

/** Whether the case expects reasons and the target publishes them. */
export function terminationsAreJudged(evidence: Evidence): boolean {
  const { incoming, outgoing } = evidence.case.expect;
  const { terminations, logged } = evidence.head.publishes;
  return (terminations || logged === true) && (incoming !== undefined || outgoing !== undefined);
}

/** Findings for unexpected reasons, per side; a reason that is not named must not occur. */
export function wrongTerminations(evidence: Evidence): Finding[] {
  if (!terminationsAreJudged(evidence)) return [];
  const ended = endedInRound(evidence);
  if (ended === undefined) return [];
  return [...side(evidence, 'incoming', ended.incoming), ...side(evidence, 'outgoing', ended.outgoing)];
}

function side(evidence: Evidence, which: SocketSide, ended: Map<string, number>): Finding[] {
  const expect = evidence.case.expect[which];
  if (expect === undefined) return [];
  const all = evidence.case.connections.count;
  const ranges = new Map(Object.entries(expect));
  const found: Finding[] = [];
  for (const reason of new Set([...ranges.keys(), ...ended.keys()])) {
    const actual = ended.get(reason) ?? 0;
    const range = ranges.get(reason);
    if (within(actual, range, all)) continue;
    const expected = rangeInWords(range, all);
    found.push({
      kind: 'termination',
      message: `${which}: ${actual} ended as \`${oneLine(reason, 60)}\`, expected ${expected}`,
      fingerprint: fingerprint(
        'termination',
        which,
        reason,
        range === undefined ? 'unexpected' : 'other number',
      ),
      side: which,
      reason,
      expected,
      actual,
    });
  }
  return found;
}
