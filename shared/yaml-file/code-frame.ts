import { printableWord } from '../errors/printable.ts';
import type { Span } from './yaml-source.ts';

/** Lines shown before and after the line in question. */
const ABOVE = 2;
const BELOW = 1;
/** Most characters of a line that are shown. */
const WIDTH = 120;

/** Lines around a span, the span itself underlined; never coloured, so that reports and logs can hold it. */
export function codeFrame(text: string, span: Span): string {
  const lines = linesAround(text, span.line);
  const first = Math.max(1, span.line - ABOVE);
  const given = lines[span.line - first] ?? '';
  // a span over several lines is underlined on its first line only
  const end = Math.max(span.endLine === span.line ? span.endColumn : given.length + 1, span.column + 1);
  const from = given.length <= WIDTH ? 0 : Math.max(0, span.column - 1 - WIDTH / 2);
  const digits = String(first + lines.length - 1).length;
  return lines
    .flatMap((line, index) => {
      const number = first + index;
      const isIt = number === span.line;
      const shown = windowOf(line, from);
      const head = `${isIt ? '>' : ' '} ${String(number).padStart(digits)} |`;
      const numbered = shown === '' ? head : `${head} ${shown}`;
      if (!isIt) return [numbered];
      const before = windowOf(line.slice(0, span.column - 1), from).length;
      const under = windowOf(line.slice(0, end - 1), from).length - before;
      const mark = '^'.repeat(Math.max(1, Math.min(under, WIDTH - before)));
      return [numbered, `  ${''.padStart(digits)} | ${''.padStart(before)}${mark}`];
    })
    .join('\n');
}

/** Visible part of a line, printable and without tabs, whose width is unknown. */
function windowOf(line: string, from: number): string {
  return printableWord(line.slice(from, from + WIDTH).replaceAll('\t', ' '), 8 * WIDTH);
}

/** Line of that number and its neighbours. The empty line after the last newline is shown only if it is the one in question. */
function linesAround(text: string, number: number): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let line = 1; line <= number + BELOW && start <= text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const isLast = newline === -1 && start === text.length && line > number;
    if (line >= number - ABOVE && !isLast) lines.push(text.slice(start, end).replace(/\r$/, ''));
    start = end + 1;
  }
  return lines;
}
