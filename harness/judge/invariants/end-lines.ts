import type { EndLine } from '../../journal/entry.ts';
import type { SocketSide } from '../../scenario/trigger.ts';
import type { EndLineAt, Evidence, SampleAt } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import { figure, tally } from '../tally.ts';
import type { Invariant } from '../verdict.ts';
import { oneLine, plural } from '../words.ts';

/** Checks the target's log lines of ended connections: one a connection, and consistent with its counters. */
export function endLineInvariants(evidence: Evidence): Invariant[] {
  if (!evidence.head.publishes.ends || evidence.baseline === undefined) return [];
  return [
    ...endedTwice(evidence, evidence.baseline),
    ...logAgrees(evidence, evidence.baseline),
    ...strangersLogged(evidence, evidence.baseline),
  ];
}

/** Checks that no id ends twice. A second line in the warm-up is ignored. */
function endedTwice(evidence: Evidence, baseline: SampleAt): Invariant[] {
  // a line that counts several connections has no id
  const single = evidence.endLines.filter(({ line }) => line.count === undefined && line.id !== '');
  const counts = tally(single.map(({ line }) => line.id));
  const late = new Set(single.filter(({ index }) => index > baseline.index).map(({ line }) => line.id));
  const twice = [...counts].filter(([id, count]) => count > 1 && late.has(id)).map(([id]) => id);
  if (twice.length === 0) return [];
  const ids = twice.slice(0, 3).map((id) => oneLine(id, 40));
  const detail = `${ids.join(', ')}${twice.length > 3 ? `, and ${twice.length - 3} more` : ''}`;
  const message = `${plural(twice.length, 'connection was', 'connections were')} logged as ended more than once: ${detail}`;
  return [
    {
      kind: 'invariant',
      invariant: 'one-end',
      message,
      fingerprint: 'invariant one-end logged twice',
      detail,
    },
  ];
}

/**
 * Checks that counters and end lines agree, by side and reason. Lines and samples arrive by different ways, so a line may be late:
 * lines before the last sample must not exceed the counter, all lines must not be fewer. Counted since the baseline and since the
 * start, and wrong only if both are: a late line of the warm-up spoils the first count, a target that ran before the case the second.
 */
function logAgrees(evidence: Evidence, baseline: SampleAt): Invariant[] {
  const last = evidence.samples.findLast((sample) => sample.index > baseline.index);
  if (last === undefined || !evidence.head.publishes.terminations) return [];
  const found: Invariant[] = [];
  for (const side of ['incoming', 'outgoing'] as const) {
    const counters = last.sample.terminations[side];
    const logged = reasonsOf(
      evidence.endLines.map(({ line }) => line),
      side,
    );
    for (const reason of new Set([...Object.keys(counters), ...logged.keys()])) {
      const sinceStart = window(evidence.endLines, side, reason, -1, last.index, figure(counters, reason));
      const counted = figure(counters, reason) - figure(baseline.sample.terminations[side], reason);
      const sinceBaseline = window(evidence.endLines, side, reason, baseline.index, last.index, counted);
      if (sinceStart.agrees || sinceBaseline.agrees) continue;
      const lines = sinceBaseline.before > counted ? sinceBaseline.before : sinceBaseline.all;
      const detail = `${side} \`${oneLine(reason, 60)}\`: ${counted} counted, ${plural(lines, 'log line', 'log lines')}`;
      found.push({
        kind: 'invariant',
        invariant: 'log',
        message: `the log and the counters disagree: ${detail}`,
        fingerprint: fingerprint(
          'invariant log',
          side,
          reason,
          lines > counted ? 'too many lines' : 'too few lines',
        ),
        detail,
      });
    }
  }
  return found;
}

/** Checks that each line of the judged round names one of its clients, if lines name any. Skipped behind a link. */
function strangersLogged(evidence: Evidence, baseline: SampleAt): Invariant[] {
  // clients of later rounds and of the recovery are not recorded
  const recovered = evidence.recovery === undefined ? Infinity : (evidence.settled?.index ?? 0);
  const until = Math.min(evidence.moreRoundsAt, recovered);
  // a line of the warm-up may come late
  const clients = new Set(evidence.connections.flatMap(({ source }) => source ?? []));
  for (const source of evidence.load?.sources ?? []) clients.add(source);
  // a connection that is reset during its connect may not know its own address
  const unnamed = evidence.connections.some(
    ({ actor, source, round, seen }) =>
      actor === 'client' && source === undefined && (round === 1 || seen === 'reset'),
  );
  if (unnamed || (evidence.load !== undefined && evidence.load.sources === undefined)) return [];
  const wrong = evidence.endLines.flatMap(({ line, index }) => {
    const { clientAddress = '', clientPort } = line;
    if (index < baseline.index || index > until || clientPort === undefined) return [];
    const name = `${clientAddress.replace(/^::ffff:(?=\d+\.)/i, '')}:${clientPort}`;
    return clients.has(name) ? [] : [name];
  });
  const [first] = wrong;
  if (first === undefined) return [];
  const detail = `\`${oneLine(first, 60)}\``;
  const message = `${plural(wrong.length, 'log line names', 'log lines name')} a client that there was not: ${detail}`;
  return [{ kind: 'invariant', invariant: 'log', message, fingerprint: 'invariant log stranger', detail }];
}

type Window = { before: number; all: number; agrees: boolean };

function window(
  lines: EndLineAt[],
  side: SocketSide,
  reason: string,
  from: number,
  until: number,
  counted: number,
): Window {
  const after = lines.filter(({ index }) => index > from);
  const told = (of: EndLineAt[]): number =>
    reasonsOf(
      of.map(({ line }) => line),
      side,
    ).get(reason) ?? 0;
  const before = told(after.filter(({ index }) => index < until));
  const all = told(after);
  return { before, all, agrees: before <= counted && all >= counted };
}

/** Number of connections by termination reason, from end lines. */
export function reasonsOf(lines: readonly EndLine[], side: SocketSide): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { count = 1, [side]: reason } of lines) {
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return counts;
}

/** Whether nobody broke off: one side closed, and the other was closed in response. */
export function isGraceful(line: EndLine): boolean {
  return (
    (line.incoming === 'normal' && line.outgoing === 'closed_incoming') ||
    (line.outgoing === 'normal' && line.incoming === 'closed_outgoing') ||
    (line.incoming === 'normal' && line.outgoing === 'normal')
  );
}
