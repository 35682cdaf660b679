import type { Cause } from '../cause.ts';
import { place } from '../finding-text.ts';
import type { Palette } from './palette.ts';
import { plainLine } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import { wrap } from './wrap.ts';

const LABEL = 10;
const MARGIN = '    ';
/** Lines of the program that are shown of a cause; all of them are in the report. */
const MOST_LINES = 6;

/** The causes of a run, in words: each with its lines, how many cases show it, and the smallest of them with its command. */
export function causesInWords({ summary, causes }: RunReport, paint: Palette, width: number): string[] {
  if (causes.length === 0) return [];
  return [
    paint.bold(summary),
    ...causes.flatMap((cause, index) => ['', ...causeInWords(cause, index + 1, paint, width)]),
  ];
}

function causeInWords(cause: Cause, number: number, paint: Palette, width: number): string[] {
  const { message, lines, joined, smallest } = cause;
  const mark = `${number}`.padStart(2);
  const [first = '', ...rest] = wrap(`${kindInWords(cause)}: ${plainLine(message)}`, width - MARGIN.length);
  const positions = lines.slice(0, MOST_LINES).map(place);
  const more = lines.length - positions.length;
  if (more > 0) positions.push(`and ${more} more`);
  return [
    `${paint.red(mark)}  ${paint.bold(first)}`,
    ...rest.map((text) => `${MARGIN}${paint.bold(text)}`),
    ...labelled(
      'with',
      joined.flatMap((other) => wrap(plainLine(other.message), width - LABEL - 4)),
      paint,
    ),
    ...labelled('lines', positions, paint),
    ...labelled('cases', wrap(casesInWords(cause), width - LABEL - 4), paint),
    ...labelled('smallest', [smallestInWords(cause)], paint),
    ...(positions.length > 0 || smallest.source.file === ''
      ? []
      : labelled('scenario', [place(smallest.source)], paint)),
    // a command must be copied whole: it is not wrapped
    ...(smallest.rerun === undefined
      ? []
      : labelled('again', [paint.cyan(plainLine(smallest.rerun))], paint)),
  ];
}

/** `bytes invariant`, as the findings say it; the fingerprint of an invariant begins with its name. */
function kindInWords({ kind, fingerprint }: Cause): string {
  return kind === 'invariant' ? `${plainLine(fingerprint.split(' ')[1] ?? '')} invariant` : kind;
}

function smallestInWords({ smallest: { id, connections } }: Cause): string {
  if (connections === undefined) return plainLine(id);
  return `${plainLine(id)}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`;
}

function casesInWords({ cases, consequences }: Cause): string {
  const followed = consequences.map((one) => `${one.kind} in ${one.cases}`);
  return followed.length === 0 ? String(cases) : `${cases}; what follows from it: ${followed.join(', ')}`;
}

function labelled(label: string, lines: readonly string[], paint: Palette): string[] {
  return lines.map((text, index) => `${MARGIN}${paint.dim((index === 0 ? label : '').padEnd(LABEL))}${text}`);
}
