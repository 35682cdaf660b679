import { codeFrameColumns } from '../vendor/code-frame.ts';
import type { Span } from './yaml-source.ts';

/** The lines around a span, the span itself underlined; never coloured, so that reports and logs can hold it. */
export function codeFrame(text: string, span: Span): string {
  // The empty line after a file's last newline is no line to a reader, unless it is the one in question.
  const trimmed = text.trimEnd();
  const shown = trimmed.split('\n').length < span.line ? text : trimmed;
  const start = { line: span.line, column: span.column };
  const lineLength = text.split('\n')[span.line - 1]?.trimEnd().length ?? 0;
  // A block that goes on over several lines is underlined on its first line only: the rest says nothing.
  const lastColumn = span.endLine === span.line ? span.endColumn : lineLength + 1;
  const end = { line: span.line, column: Math.max(lastColumn, span.column + 1) };
  return codeFrameColumns(shown, { start, end }, { highlightCode: false, linesAbove: 2, linesBelow: 1 });
}
