import type { Finding } from '../judge/verdict.ts';
import { endOf, telling } from './finding/life-lines.ts';
import { plainLine, plainText } from './plain-text.ts';

/** Fact of a finding: a label and its lines. `raw`: literal output, not to be wrapped. */
export type Fact = { label: string; lines: string[]; raw?: boolean };

/** Text of a finding for the terminal and the JUnit report. */
export type FindingText = { kind: string; message: string; facts: Fact[] };

type Place = { file: string; line: number; column: number; name?: string };

/** Lines of a call that ended a socket; the journal has the others. */
const MOST_FRAMES = 4;

const HOLDS = {
  hard: 'hard: the target does not let go',
  bounded: 'bounded: it ends by itself, later than the drain limit; until then it adds up',
  'peer-held': 'peer-held: the target relies on its peer to end it, and bounds nothing itself',
};

/** Describes a finding; texts of the target are made safe to print. */
export function findingText(finding: Finding): FindingText {
  const kind = finding.kind === 'invariant' ? `${finding.invariant} invariant` : finding.kind;
  return {
    kind,
    message: plainLine(finding.message),
    facts: [...factsOf(finding), ...livesFact(finding), ...knownFact(finding)].filter(
      ({ lines }) => lines.length > 0,
    ),
  };
}

/** A line for each side of the target: what came, and the call that ended it with its lines. */
function livesFact({ lives = [] }: Finding): Fact[] {
  const lines = lives.flatMap((life) => {
    const end = endOf(life);
    const before = life.steps.slice(0, end === undefined ? Infinity : life.steps.indexOf(end));
    const came = before.flatMap(({ kind, what, detail }) =>
      kind === 'came' && what !== 'connection'
        ? [detail === undefined || what === 'close' ? what : `${what} ${detail}`]
        : [],
    );
    const after = came.length === 0 ? '' : ` after ${came.map((what) => `‘${plainLine(what)}’`).join(', ')}`;
    const sockets = `${life.count} ${life.side}`;
    if (end === undefined)
      return [
        `${sockets}: ${life.open ? 'no call of the program ended it' : 'closed as in the warm-up'}${after}`,
      ];
    return [
      `${sockets}: ${end.what}${after}, from`,
      ...telling(end)
        .slice(0, MOST_FRAMES)
        .map((one) => `  ${place(one)}`),
    ];
  });
  return [{ label: 'ended', lines }];
}

function knownFact({ known }: Finding): Fact[] {
  if (known === undefined) return [];
  const { owner, reason, expires, expired } = known;
  const until = expired === true ? `expired on ${expires}` : `until ${expires}`;
  return [
    { label: expired === true ? 'expired' : 'known', lines: [plainLine(`${owner}, ${until}: ${reason}`)] },
  ];
}

function factsOf(finding: Finding): Fact[] {
  switch (finding.kind) {
    case 'leak':
      return [
        { label: 'lines', lines: finding.where.map(place) },
        { label: 'sample', lines: optional(finding.sample) },
        { label: 'path', lines: optional(finding.path) },
        {
          label: 'retains',
          lines: finding.alsoRetains === undefined ? [] : [`${finding.alsoRetains} more objects`],
        },
        { label: 'hold', lines: [HOLDS[finding.hold]] },
      ];
    case 'termination':
    case 'seen':
      return [
        { label: 'expected', lines: [finding.expected] },
        { label: 'actual', lines: [String(finding.actual)] },
      ];
    case 'invariant':
      return finding.message.includes(finding.detail)
        ? []
        : [{ label: 'detail', lines: optional(finding.detail) }];
    case 'crash':
      return [
        { label: 'lines', lines: finding.where.map(place) },
        { label: 'stderr', lines: output(finding.stderr), raw: true },
      ];
    case 'obstruction':
      return finding.message.includes(finding.detail)
        ? []
        : [{ label: 'detail', lines: optional(finding.detail) }];
    case 'no-exit':
      return [
        {
          label: 'alive',
          lines: finding.alive.flatMap(({ what, where, times }) => [
            `${times === undefined ? '' : `${times} × `}${plainLine(what)}`,
            ...where.map((one) => `  ${place(one)}`),
          ]),
        },
        { label: 'why', lines: output(withoutRepeats(finding.why ?? '')), raw: true },
      ];
    default:
      return [];
  }
}

/** `src/tunnel.ts:41:9 (openTunnel)`: editors and terminals make it a link. */
export function place({ file, line, column, name }: Place): string {
  const position = `${plainLine(file)}:${line}:${column}`;
  return name === undefined || name === '' ? position : `${position} (${plainLine(name)})`;
}

/** A finding as plain lines, indented: for reports without colour. */
export function findingLines(finding: Finding): string[] {
  const { kind, message, facts } = findingText(finding);
  return [
    `${kind}: ${message}`,
    ...facts.flatMap(({ label, lines }) =>
      lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(9)}${line}`),
    ),
  ];
}

function optional(text: string | undefined): string[] {
  const line = plainLine(text ?? '');
  return line === '' ? [] : [line];
}

/** Collapses equal paragraphs into the first one with their number. */
function withoutRepeats(text: string): string {
  const times = new Map<string, number>();
  for (const one of text.split('\n\n')) times.set(one, (times.get(one) ?? 0) + 1);
  return [...times].map(([one, count]) => (count === 1 ? one : `${one}\n(${count} times)`)).join('\n\n');
}

function output(text: string): string[] {
  const lines = plainText(text).trimEnd();
  return lines === '' ? [] : lines.split('\n');
}
