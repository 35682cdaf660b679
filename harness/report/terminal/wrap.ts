/**
 * Breaks text into lines of at most `width` characters, at spaces; a word that is longer is broken where it must be, after a
 * punctuation mark if there is one near the end.
 */
export function wrap(text: string, width: number): string[] {
  // a column without room would never come to an end of its text
  const most = Math.max(width, 1);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > most) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
    while (line.length > most) {
      const end = breakAt(line, most);
      lines.push(line.slice(0, end));
      line = line.slice(end);
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** The same for a line of output: it keeps its indentation, as do the lines it is broken into. */
export function wrapIndented(line: string, width: number): string[] {
  const margin = (/^ */.exec(line)?.[0] ?? '').slice(0, width / 2);
  return wrap(line.trim(), width - margin.length).map((part) => margin + part);
}

function breakAt(line: string, width: number): number {
  const mark = line.slice(0, width).search(/[/,.=_:-][^/,.=_:-]*$/);
  return mark >= width / 2 ? mark + 1 : width;
}

/** The middle left out: `faults/client-…count=20]`. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}
