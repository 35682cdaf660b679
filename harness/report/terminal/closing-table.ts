import Table from 'cli-table3';

import type { Verdict } from '../../judge/verdict.ts';
import { duration } from '../duration.ts';
import type { Palette } from './palette.ts';
import { firstLine, plainLine } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import type { ReportedCase } from '../reported-case.ts';
import { shorten, wrap } from './wrap.ts';

const GAP = 2;
const WIDEST = 160;
const NARROWEST = 60;
const ENDED_AT_LEAST = 12;
const CASE_AT_LEAST = 16;
/** The table gives the gist: in full it was printed when the case ended. */
const LONGEST_REASON = 80;
/** Characters of a name in a cell: cli-table3 takes seconds for a cell of fifty lines, and a journal may hold any name. */
const LONGEST_NAME = 200;
const LONGEST_ENDING = 60;
const MOST_ENDINGS = 12;

/** A line of its own for a scenario with cells; a scenario without any is its own case. */
type Row = { heading?: string; name: string; indent: number; ended: string[]; result: ReportedCase };

/**
 * All cases, a heading a scenario: what each came to, how real its faults were, how long it took to drain, and what ended how.
 * No line is wider than `columns`.
 */
export function closingTable(results: readonly ReportedCase[], paint: Palette, columns: number): string[] {
  if (results.length === 0) return [];
  const width = Math.min(Math.max(columns, NARROWEST), WIDEST);
  const rows = rowsOf(results);
  const widths = layOut(rows, width);
  const table = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': GAP, head: [], border: [] },
    colWidths: [widths.case, widths.verdict, widths.faults, widths.drain, widths.ended].map(
      (one) => one + GAP,
    ),
  });
  const head = ['scenario / case', 'verdict', widths.faults === 0 ? '' : 'faults', 'drain', 'ended'];
  table.push(head.map((text) => paint.dim(text)));
  for (const { heading, name, indent, ended, result } of rows) {
    if (heading !== undefined) {
      const lines = wrap(heading, width).map((line) => paint.bold(line));
      table.push([{ content: lines.join('\n'), colSpan: 5 }]);
    }
    const lines = wrap(name, widths.case - indent).map(
      (line) => ' '.repeat(indent) + (indent === 0 ? paint.bold(line) : line),
    );
    table.push([
      lines.join('\n'),
      paint.verdict[result.verdict](result.verdict),
      fidelityIn(result),
      { content: drainIn(result), hAlign: 'right' },
      endedLines(ended, widths.ended).join('\n'),
    ]);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** Texts of the short columns. A journal may hold any figure and any word: no column takes the room of all others. */
const SHORT = 16;
const fidelityIn = ({ fidelity }: ReportedCase): string => shorten(firstLine(fidelity ?? ''), SHORT);
const drainIn = ({ drain }: ReportedCase): string =>
  drain === undefined ? '–' : shorten(duration(drain), SHORT);

/** Says how the sides ended, on one line if that fits, otherwise a line a side; where nothing ran, says why. */
function endedLines(parts: string[], width: number): string[] {
  const line = parts.join(' · ');
  return line.length <= width ? [line] : parts.flatMap((part) => wrap(part, width));
}

function rowsOf(results: readonly ReportedCase[]): Row[] {
  const groups = new Map<string, ReportedCase[]>();
  for (const result of results) groups.set(result.scenario, [...(groups.get(result.scenario) ?? []), result]);
  return [...groups].flatMap(([scenario, cases]) => {
    const heading = shorten(plainLine(scenario), LONGEST_NAME);
    return cases.map((result, index) => {
      const name = cellInWords(result);
      const ended = endedParts(result);
      if (name === '') return { name: heading, indent: 0, ended, result };
      return { ...(index === 0 ? { heading } : {}), name, indent: 2, ended, result };
    });
  });
}

function cellInWords({ cell }: ReportedCase): string {
  return Object.entries(cell)
    .map(([name, value]) => plainLine(`${name}=${value}`))
    .join(' ')
    .slice(0, LONGEST_NAME);
}

function endedParts(result: ReportedCase): string[] {
  if (result.verdict === 'skipped' || result.verdict === 'error')
    return [shorten(firstLine(result.reason ?? ''), LONGEST_REASON)];
  const { incoming, outgoing } = result.terminations;
  const sides: [string, Record<string, number>][] = [
    ['in', incoming],
    ['out', outgoing],
  ];
  const parts = inWords(sides);
  // A target that publishes no reasons: what its peers saw says at least how it ended for them.
  return parts.length > 0 || result.seen === undefined
    ? parts
    : inWords([
        ['clients saw', result.seen.client],
        ['upstreams saw', result.seen.upstream],
      ]);
}

function inWords(sides: [string, Record<string, number>][]): string[] {
  return sides.flatMap(([name, counts]) => {
    const reasons = Object.entries(counts).map(([reason, count]) =>
      shorten(plainLine(`${count} ${reason}`), LONGEST_ENDING),
    );
    const more = reasons.length > MOST_ENDINGS ? [`${reasons.length - MOST_ENDINGS} more`] : [];
    return reasons.length === 0
      ? []
      : [`${name}: ${[...reasons.slice(0, MOST_ENDINGS), ...more].join(', ')}`];
  });
}

type Widths = { case: number; verdict: number; faults: number; drain: number; ended: number };

/** The short columns get what they need; the two long ones share the rest so that the table has the fewest lines. */
function layOut(rows: Row[], width: number): Widths {
  const results = rows.map(({ result }) => result);
  const verdict = 7;
  const faults = results.some(({ fidelity }) => fidelity !== undefined)
    ? Math.max(6, ...results.map((one) => fidelityIn(one).length))
    : 0;
  const drain = Math.max(5, ...results.map((one) => drainIn(one).length));
  const free = width - verdict - faults - drain - 4 * GAP;
  const wantsCase = Math.max(CASE_AT_LEAST, ...rows.map(({ name, indent }) => name.length + indent));
  const most = Math.min(wantsCase, free - ENDED_AT_LEAST);
  let best = { case: most, lines: Infinity };
  for (let one = most; one >= CASE_AT_LEAST; one--) {
    const lines = rows.reduce((sum, row) => sum + height(row, one, free - one), 0);
    if (lines < best.lines) best = { case: one, lines };
  }
  return { case: best.case, verdict, faults, drain, ended: free - best.case };
}

function height({ name, indent, ended }: Row, caseWidth: number, endedWidth: number): number {
  return Math.max(wrap(name, caseWidth - indent).length, endedLines(ended, endedWidth).length);
}

const WORDS: [Verdict, string][] = [
  ['passed', 'passed'],
  ['failed', 'failed'],
  ['flaky', 'flaky'],
  ['skipped', 'skipped'],
  ['error', 'errors'],
];

/** `45 cases: 45 passed, 0 failed, 0 flaky, 0 skipped, 0 errors in 31.2s` */
export function closingLine(report: RunReport, paint: Palette): string {
  const all = report.results.length;
  const parts = WORDS.map(([verdict, word]) => {
    const count = report.counts[verdict];
    const text = `${count} ${verdict === 'error' && count === 1 ? 'error' : word}`;
    return count === 0 ? paint.dim(text) : paint.verdict[verdict](text);
  });
  const interrupted = report.interrupted ? ' (interrupted)' : '';
  const bailed = report.bailed === undefined ? '' : ` (--bail: ${report.bailed.notRun} not run)`;
  const broken = report.broken === undefined ? '' : ' (broke off)';
  return `${paint.bold(`${all} ${all === 1 ? 'case' : 'cases'}`)}: ${parts.join(', ')} in ${duration(report.took)}${interrupted}${bailed}${broken}`;
}

/** Why the cases did not have a network of their own, and what to do about it; nothing where they had what was asked for. */
export function labLine({ lab }: RunReport): string[] {
  if (lab?.why === undefined) return [];
  const fix = lab.fix === undefined ? '' : `; to fix it: ${lab.fix}`;
  return [plainLine(`on the machine's own network (--lab ${lab.mode}): ${lab.why}${fix}`)];
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
