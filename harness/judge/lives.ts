import type { SocketLife, SocketStep } from '../probe/protocol.ts';
import type { Finding } from './verdict.ts';

type Side = SocketLife['side'];

/** Most lives of the finding's own side, and of the other one. */
const MOST_OWN = 2;
const MOST_OTHER = 1;
/** Lives that are rarer than this share of the most frequent one are stragglers. */
const LEAST_SHARE = 0.2;

const LEAKS_OF_CONNECTIONS: ReadonlySet<string> = new Set([
  'socket',
  'tcp',
  'descriptor',
  'record',
  'active-resource',
  'handle',
]);

/**
 * Adds to the findings about ends, counts and bytes of connections how the target's sockets lived: who ended them, or what came that
 * nobody answered. Consequences have none: their cause has.
 *
 * @param reasons termination reasons that were seen in the judged round
 */
export function withLives(
  findings: readonly Finding[],
  seen: readonly SocketLife[],
  reasons: Iterable<string>,
): Finding[] {
  if (seen.length === 0) return [...findings];
  const names = [...reasons];
  const lives = seen.map((life) => ({ ...life, steps: life.steps.map((step) => withReason(step, names)) }));
  return findings.map((finding) => {
    if (finding.follows !== undefined) return finding;
    const sides = sidesOf(finding);
    if (sides === undefined) return finding;
    const shown = chosen(finding, sides, lives);
    return shown.length === 0 ? finding : { ...finding, lives: shown };
  });
}

/** Whether lives of sockets would tell more of a finding. */
export function wantsLives(finding: Finding): boolean {
  return finding.follows === undefined && sidesOf(finding) !== undefined;
}

/** Sides of a finding, its own first; undefined if it is about no connection. */
function sidesOf(finding: Finding): Side[] | undefined {
  switch (finding.kind) {
    case 'termination':
      return own(finding.side);
    case 'seen':
    case 'step':
      return own(finding.actor === 'client' ? 'incoming' : 'outgoing');
    case 'invariant':
      return finding.invariant === 'announced' ? undefined : own('incoming');
    case 'drain':
      return own('incoming');
    case 'leak':
      return LEAKS_OF_CONNECTIONS.has(finding.resource) ? own('incoming') : undefined;
    default:
      return undefined;
  }
}

function own(side: Side): Side[] {
  return side === 'incoming' ? ['incoming', 'outgoing'] : ['outgoing', 'incoming'];
}

function chosen(finding: Finding, sides: readonly Side[], lives: readonly SocketLife[]): SocketLife[] {
  const isLeft = finding.kind === 'leak' && lives.some(({ open }) => open);
  const told = lives.filter(({ open }) => !isLeft || open);
  const shown = sides.flatMap((side, index) => {
    const all = told.filter((life) => life.side === side);
    const most = Math.max(0, ...all.map(({ count }) => count));
    const frequent = all.filter(({ count }) => count >= most * LEAST_SHARE);
    return frequent.slice(0, index === 0 ? MOST_OWN : MOST_OTHER);
  });
  // the side that was ended first is the one that the other followed
  return shown.toSorted((a, b) => endedAt(a) - endedAt(b));
}

/** Notes which line of the call that ended a socket names a reason, innermost first. */
function withReason(step: SocketStep, reasons: readonly string[]): SocketStep {
  if (step.kind !== 'ended') return step;
  const reason = step.where.findIndex(({ code = '' }) =>
    reasons.some((name) => [`'${name}'`, `"${name}"`, `\`${name}\``].some((text) => code.includes(text))),
  );
  return reason === -1 ? step : { ...step, reason };
}

/** When the program ended a socket; Infinity if it never did. */
function endedAt({ steps }: SocketLife): number {
  return steps.find(({ kind }) => kind === 'ended')?.at ?? Infinity;
}
