import type { Position } from '../../probe/protocol.ts';
import type { Finding } from '../../judge/verdict.ts';
import { linesOf } from '../causes.ts';
import { telling } from '../finding/life-lines.ts';
import type { ReportedCase } from '../reported-case.ts';
import type { Frame } from './run-data.ts';

const ABOVE = 4;
const BELOW = 4;
const WIDEST = 200;
/** Positions of a finding that get code; the others are named. */
const MOST_EACH = 3;
/** The same of the call that ended a socket: what was wrong may have been decided a few calls further up. */
const MOST_OF_END = 5;
/** Frames of a report: a run with more places has other troubles. */
const MOST = 400;

/** Text of a source file; undefined where it cannot be had. */
export type ReadSource = (file: string) => string | undefined;

/** Key of a position among the frames of a report. */
export function frameKey({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

/** Code around the lines that the findings name, where its sources are there. */
export function framesOf(results: readonly ReportedCase[], read: ReadSource): Record<string, Frame> {
  const frames = new Map<string, Frame>();
  const sources = new Map<string, string[] | undefined>();
  for (const { findings } of results) {
    for (const position of findings.flatMap(framed)) {
      const key = frameKey(position);
      if (frames.has(key)) continue;
      if (!sources.has(position.file)) sources.set(position.file, read(position.file)?.split(/\r?\n/));
      const frame = frameAt(sources.get(position.file), position);
      if (frame !== undefined) frames.set(key, frame);
      if (frames.size === MOST) return Object.fromEntries(frames);
    }
  }
  return Object.fromEntries(frames);
}

/** Positions of a finding whose code is shown. */
function framed(finding: Finding): Position[] {
  const steps = (finding.lives ?? []).flatMap((life) => life.steps);
  const ended = steps
    .filter(({ kind }) => kind === 'ended')
    .flatMap((step) => telling(step).slice(0, MOST_OF_END));
  const others = steps.flatMap(({ where }) => where.slice(0, 1));
  return [...linesOf(finding).slice(0, MOST_EACH), ...ended, ...others];
}

function frameAt(lines: string[] | undefined, { line, column }: Position): Frame | undefined {
  if (lines?.[line - 1] === undefined) return undefined;
  const first = Math.max(1, line - ABOVE);
  const shown = lines.slice(first - 1, line + BELOW).map((text) => text.slice(0, WIDEST));
  return { first, lines: shown, line, column };
}
