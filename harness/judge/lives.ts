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
  const told = new Set<string>();
  return findings.map((finding) => {
    if (!wantsLives(finding)) return finding;
    const shown = chosen(finding, lives);
    const key = JSON.stringify(shown.toSorted((a, b) => (a.side < b.side ? -1 : 1)));
    // the same story once for each case
    if (shown.length === 0 || told.has(key)) return finding;
    told.add(key);
    return { ...finding, lives: shown };
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

function chosen(finding: Finding, lives: readonly SocketLife[]): SocketLife[] {
  const isLeak = finding.kind === 'leak';
  const open = isLeak ? lives.find((life) => life.open)?.side : undefined;
  const shown = (open === undefined ? (sidesOf(finding) ?? []) : own(open)).flatMap((side, index) => {
    const all = lives.filter((life) => life.side === side);
    // beside a socket that was left open the other one tells what happened meanwhile
    const left = side === open ? all.filter((life) => life.open) : all;
    const most = Math.max(0, ...left.map(({ count }) => count));
    const frequent = left.filter(({ count }) => count >= most * LEAST_SHARE);
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
