import type { ErrorCode } from '../errors/codes.ts';
import { LastfinError } from '../errors/lastfin-error.ts';
import { printable } from '../errors/printable.ts';
import { codeFrame } from './code-frame.ts';
import { readTextFile } from './read-text-file.ts';
import type { SourcePosition } from './source-position.ts';
import { YAML_LIMITS } from './yaml-limits.ts';
import type { Path, Span, YamlSource } from './yaml-source.ts';

/** Problem at a path of a value from YAML. `key` points at the key rather than at its value. */
export type Issue = { path: Path; part?: 'key' | 'value'; message: string };

/** Problem in a file, for a reader. `position` is absent if no file could be read. */
export type Problem = { message: string; position?: SourcePosition; frame?: string };

export function problemAt(source: YamlSource, span: Span, message: string): Problem {
  return {
    // messages quote the file; of ten lines with one mistake each, all must be visible
    message: printable(message, { mostLines: 5 }),
    position: { file: source.file, line: span.line, column: span.column },
    frame: codeFrame(source.text, span),
  };
}

/** Converts an issue into a problem at the place in the file where its path was written. */
export function problemOf(source: YamlSource, issue: Issue): Problem {
  return problemAt(source, source.locate(issue.path, issue.part), issue.message);
}

/** Converts the first issues of a file into problems; only the first, since each place takes time to find. */
export function problemsOf(source: YamlSource, issues: readonly Issue[]): Problem[] {
  return issues.slice(0, YAML_LIMITS.problems).map((issue) => problemOf(source, issue));
}

/** Reads one of several files; undefined, with a problem recorded, if it cannot be read. */
export function readTextOr(problems: Problem[], file: string, shown: string): string | undefined {
  try {
    return readTextFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problems.push({ message: `${shown}: cannot be read: ${why}` });
    return undefined;
  }
}

/** Throws an error with all problems, in the order of files and lines; returns if there are none. */
export function throwProblems(code: ErrorCode, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const sorted = problems.toSorted(
    (a, b) =>
      compare(a.position?.file ?? '', b.position?.file ?? '') ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0),
  );
  throw new LastfinError(code, describeProblems(sorted), {
    facts: { problems: sorted.map(({ message, position }) => ({ ...position, message })) },
  });
}

/** Most lines of one message: a reader fixes the first problems, and sees the rest in the next run. */
const MOST_LINES = 95;

/** Lists problems with their lines of the file, as far as there is room, and the number of the others. */
function describeProblems(problems: readonly Problem[]): string {
  const blocks: string[] = [];
  let lines = 0;
  for (const [index, problem] of problems.entries()) {
    const block = describeProblem(problem);
    lines += block.split('\n').length + 1;
    if (lines > MOST_LINES) {
      const left = problems.length - index;
      return [...blocks, `… and ${left} more ${left === 1 ? 'problem' : 'problems'}`].join('\n\n');
    }
    blocks.push(block);
  }
  return blocks.join('\n\n');
}

function describeProblem({ message, position, frame }: Problem): string {
  if (position === undefined) return message;
  const head = `${position.file}:${position.line}:${position.column}: ${message}`;
  return frame === undefined ? head : `${head}\n${frame}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
