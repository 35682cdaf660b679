import type { ConnectionSeen } from '../../journal/entry.ts';
import type { Side } from '../../scenario/trigger.ts';
import { rangeInWords, within } from '../../count-range.ts';
import { judgedRound, type Evidence } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import { passedTime } from '../passed-time.ts';
import { tally } from '../tally.ts';
import type { Finding } from '../verdict.ts';
import { oneLine, plural } from '../words.ts';

/** Number of connections of the judged round by the ending that an actor saw. */
export function seenBy(evidence: Evidence, actor: Side): Map<string, number> {
  return tally(judgedRound(evidence).flatMap((one) => (one.actor === actor ? [one.seen] : [])));
}

/** Findings for endings that clients or upstreams saw and the case does not expect; an ending that is not named must not occur. */
export function wrongEndings(evidence: Evidence): Finding[] {
  return [...endings(evidence, 'client'), ...endings(evidence, 'upstream')];
}

function endings(evidence: Evidence, actor: Side): Finding[] {
  const expect = evidence.case.expect[actor] ?? unlessRefused(evidence, actor);
  if (expect === undefined) return [];
  const all = evidence.case.connections.count;
  const ranges = new Map(Object.entries(expect));
  const counts = inWords(evidence, ranges, seenBy(evidence, actor));
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

/** Status of a CONNECT or an upgrade, or reply of SOCKS5, by which a proxy refuses a client. */
const REFUSAL = /^(?:[1-5]\d\d|socks-\d+)$/;
/** Error by which a peer of HTTP/2 ends a stream or a connection. */
const HTTP2_ERROR = /^(?:rst|goaway)-/;

/**
 * Numbers by ending. A universal case knows nothing of the transport: an error of HTTP/2 is a reset there, and where a fault may have kept the
 * upstream from being reached, a client that is refused in words has seen an end.
 */
function inWords(
  { case: { kind, faults } }: Evidence,
  ranges: ReadonlyMap<string, unknown>,
  counts: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  if (kind !== 'universal') return counts;
  const word = (seen: string): string => {
    if (HTTP2_ERROR.test(seen)) return 'reset';
    return faults.length > 0 && REFUSAL.test(seen) ? 'end' : seen;
  };
  const named = new Map<string, number>();
  for (const [seen, count] of counts) {
    const name = !ranges.has(seen) && ranges.has(word(seen)) ? word(seen) : seen;
    named.set(name, (named.get(name) ?? 0) + count);
  }
  return named;
}

/**
 * Default expectation: any ending but a refused connect, since then no step of a script has run. Faults that take the target
 * or its entrance away may refuse.
 */
function unlessRefused(evidence: Evidence, actor: Side): Evidence['case']['expect']['client'] {
  const mayRefuse = evidence.case.faults.some(
    (fault) => fault.kind === 'shutdown' || (fault.kind === 'down' && fault.side === 'client'),
  );
  if (actor === 'upstream' || mayRefuse) return undefined;
  const seen = judgedRound(evidence).filter((one) => one.actor === 'client' && one.seen !== 'refused');
  return Object.fromEntries(seen.map((one) => [one.seen, { min: 0, max: Infinity }]));
}

/** Findings for faults that were not applied because the target failed the connections before: nothing is proved about them. */
export function missedFaults({ missed, case: { connections } }: Evidence): Finding[] {
  return missed.map(({ kind }) => ({
    kind: 'step',
    message: `the fault \`${kind}\` could not be applied: the target failed connections before its moment came`,
    actor: 'client',
    step: 'wait',
    fingerprint: fingerprint('step', 'fault', kind),
    connections: connections.count,
  }));
}

/** Findings for incomplete steps, in the judged and the confirming rounds; similar ones are merged and counted in the first such round. */
export function failedSteps(evidence: Evidence): Finding[] {
  const groups = new Map<string, { first: ConnectionSeen; connections: number }>();
  const given = givenUp(evidence.connections);
  for (const one of evidence.connections) {
    if (one.round === 0 || one.failure === undefined || given.has(one)) continue;
    // figures such as ports and byte counts do not make a different kind of failure
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
        message: `${who} could not complete step ${index + 1}, \`${oneLine(step, 80)}\`${round}: ${whyNot(evidence, first.actor, { step, index, message })}`,
        fingerprint: fingerprint('step', first.actor, step, message),
        actor: first.actor,
        step,
        connections,
      } as const,
    ];
  });
}

/**
 * Surplus connections to the upstream that ended before a byte was sent on them, although every client was served: a proxy that
 * retries gives up an attempt that is established just then, as after the second SYN of a connect timeout of 1 s.
 */
function givenUp(connections: readonly ConnectionSeen[]): Set<ConnectionSeen> {
  const rounds = [...new Set(connections.map(({ round }) => round))];
  return new Set(
    rounds.flatMap((number) => {
      const round = connections.filter((one) => one.round === number);
      const clients = round.filter(({ actor }) => actor === 'client');
      if (clients.some(({ failure }) => failure !== undefined)) return [];
      const upstreams = round.filter(({ actor }) => actor === 'upstream');
      const unused = upstreams.filter(
        ({ received, seen, failure }) => received === 0 && seen !== 'none' && failure?.index === 0,
      );
      return unused.length <= upstreams.length - clients.length ? unused : [];
    }),
  );
}

type Failure = NonNullable<ConnectionSeen['failure']>;

/** Reason why a step failed. An end that did not come although hours passed means that nothing bounds the connection. */
function whyNot(evidence: Evidence, actor: Side, { step, index, message }: Failure): string {
  const passed = passedTime(evidence);
  const { client } = evidence.case;
  const isAfter = actor === 'upstream' || client.slice(0, index).some(({ kind }) => kind === 'advance');
  if (passed === undefined || !isAfter || step !== 'expect-ending' || !/not within \d+ ms/.test(message))
    return oneLine(message);
  return `nothing in the target ended the connection within the ${passed} that passed in it`;
}
