import type { ConnectionSeen } from '../run/journal.ts';
import type { Side } from '../scenario/scenario.ts';
import { rangeInWords, within } from './count-range.ts';
import { judgedRound, type Evidence } from './evidence.ts';
import { fingerprint } from './fingerprint.ts';
import { tally } from './tally.ts';
import type { Finding } from './verdict.ts';
import { oneLine, plural } from './words.ts';

/** How many connections of the judged round an actor saw end in which way. */
export function seenBy(evidence: Evidence, actor: Side): Map<string, number> {
  return tally(judgedRound(evidence).flatMap((one) => (one.actor === actor ? [one.seen] : [])));
}

/** Endings that clients or upstreams saw and that are not what the case expects; what is not named must not occur. */
export function wrongEndings(evidence: Evidence): Finding[] {
  return [...endings(evidence, 'client'), ...endings(evidence, 'upstream')];
}

function endings(evidence: Evidence, actor: Side): Finding[] {
  const expect = evidence.case.expect[actor];
  if (expect === undefined) return [];
  const all = evidence.case.connections.count;
  const ranges = new Map(Object.entries(expect));
  const counts = seenBy(evidence, actor);
  const found: Finding[] = [];
  for (const seen of new Set([...ranges.keys(), ...counts.keys()])) {
    const actual = counts.get(seen) ?? 0;
    const range = ranges.get(seen);
    if (within(actual, range, all)) continue;
    const expected = rangeInWords(range, all);
    found.push({
      kind: 'seen',
      message: `${plural(actual, actor, `${actor}s`)} saw \`${oneLine(seen, 60)}\`, expected ${expected}`,
      fingerprint: fingerprint('seen', actor, seen, range === undefined ? 'unexpected' : 'other number'),
      actor,
      seen,
      expected,
      actual,
    });
  }
  return found;
}

/** Steps that did not complete, in the judged round and the confirming ones; alike ones together, counted in the first round that has them. */
export function failedSteps(evidence: Evidence): Finding[] {
  const groups = new Map<string, { first: ConnectionSeen; connections: number }>();
  for (const one of evidence.connections) {
    if (one.round === 0 || one.failure === undefined) continue;
    // Figures differ between connections (ports, bytes so far): they do not make another kind of failure.
    const key = [one.actor, one.failure.index, one.failure.step, one.failure.message.replaceAll(/\d+/g, 'N')];
    const group = groups.get(JSON.stringify(key));
    if (group === undefined) groups.set(JSON.stringify(key), { first: one, connections: 1 });
    else if (one.round === group.first.round) group.connections++;
  }
  return [...groups.values()].flatMap(({ first, connections }) => {
    if (first.failure === undefined) return [];
    const { step, index, message } = first.failure;
    const who = plural(connections, first.actor, `${first.actor}s`);
    const round = first.round === 1 ? '' : ` in confirming round ${first.round}`;
    return [
      {
        kind: 'step',
        message: `${who} could not complete step ${index + 1}, \`${oneLine(step, 80)}\`${round}: ${oneLine(message)}`,
        fingerprint: fingerprint('step', first.actor, step, message),
        actor: first.actor,
        step,
        connections,
      } as const,
    ];
  });
}
