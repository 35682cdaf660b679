import type { Position } from '../../probe/protocol.ts';
import type { Finding } from '../../judge/verdict.ts';
import { linesOf } from '../causes.ts';
import { calledFrom } from './called-code.ts';
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
  const sourceOf = (file: string): string[] | undefined => {
    if (!sources.has(file)) sources.set(file, read(file)?.split(/\r?\n/));
    return sources.get(file);
  };
  for (const finding of results.flatMap(({ findings }) => findings)) {
    for (const position of framed(finding)) {
      const frame = frames.get(frameKey(position)) ?? frameAt(sourceOf(position.file), position);
      if (frame !== undefined && frames.size < MOST) frames.set(frameKey(position), frame);
    }
    for (const listener of listenersOf(finding)) {
      const frame = frames.get(frameKey(listener));
      const lines = sourceOf(listener.file);
      if (frame === undefined || frame.calls !== undefined || lines === undefined) continue;
      const called = calledFrom(lines, listener.line).map(({ name, first, last }) => ({
        name,
        key: frameKey({ file: listener.file, line: first, column: 1 }),
        frame: { first, lines: lines.slice(first - 1, last).map(shortened), line: 0, column: 1 },
      }));
      frame.calls = called.map(({ key, name }) => ({ key, name }));
      for (const one of called)
        if (frames.size < MOST && !frames.has(one.key)) frames.set(one.key, one.frame);
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

/** The program's first listener of each event that asks for something to be done. */
function listenersOf({ lives = [] }: Finding): Position[] {
  return lives
    .flatMap(({ steps }) => steps)
    .flatMap(({ kind, what, where }) => (kind === 'came' && ASKING.has(what) ? where.slice(0, 1) : []));
}

const ASKING: ReadonlySet<string> = new Set(['error', 'end', 'timeout', 'close']);

function frameAt(lines: string[] | undefined, { line, column }: Position): Frame | undefined {
  if (lines?.[line - 1] === undefined) return undefined;
  const first = Math.max(1, line - ABOVE);
  const shown = lines.slice(first - 1, line + BELOW).map(shortened);
  return { first, lines: shown, line, column };
}

function shortened(text: string): string {
  return text.slice(0, WIDEST);
}
