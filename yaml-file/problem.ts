import type { ErrorCode } from '../errors/codes.ts';
import { LastfinError } from '../errors/lastfin-error.ts';
import { codeFrame } from './code-frame.ts';
import type { SourcePosition } from './source-position.ts';
import type { Path, Span, YamlSource } from './yaml-source.ts';

/** Something wrong at a path of a value that came from YAML. `key` points at the key rather than at its value. */
export type Issue = { path: Path; part?: 'key' | 'value'; message: string };

/** Something wrong in a file, for a reader. `position` is absent when no file could be read at all. */
export type Problem = { message: string; position?: SourcePosition; frame?: string };

export function problemAt(source: YamlSource, span: Span, message: string): Problem {
  return {
    message,
    position: { file: source.file, line: span.line, column: span.column },
    frame: codeFrame(source.text, span),
  };
}

/** An issue at the place in the file where its path was written. */
export function problemOf(source: YamlSource, issue: Issue): Problem {
  return problemAt(source, source.locate(issue.path, issue.part), issue.message);
}

/** One error for all problems, in the order of the files and lines; nothing when there are none. */
export function throwProblems(code: ErrorCode, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const sorted = problems.toSorted(
    (a, b) =>
      compare(a.position?.file ?? '', b.position?.file ?? '') ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0),
  );
  throw new LastfinError(code, sorted.map(describeProblem).join('\n\n'), {
    facts: { problems: sorted.map(({ message, position }) => ({ ...position, message })) },
  });
}

function describeProblem({ message, position, frame }: Problem): string {
  if (position === undefined) return message;
  const head = `${position.file}:${position.line}:${position.column}: ${message}`;
  return frame === undefined ? head : `${head}\n${frame}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
