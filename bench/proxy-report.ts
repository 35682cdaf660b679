import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';

import type { SubjectName } from './proxy-subjects.ts';

type Column = SubjectName | 'direct';

/** What must hold of the reference proxy: of its ratio, of its difference to the bare pipe, or of its own figure. */
type Aim = { atLeast: number } | { atMost: number } | { atMostMore: number } | { lastfinAtMost: number };

export type Row = {
  name: string;
  unit: string;
  figures: ReadonlyMap<Column, number>;
  /** median of the ratios of pairs, to the bare pipe */
  ratios?: ReadonlyMap<Column, number>;
  /** to the bare pipe, in the row's unit */
  difference?: number;
  aim?: Aim;
};

const COLUMNS: readonly Column[] = ['direct', 'bare pipe', 'lastfin', 'nginx', 'HAProxy'];

/** Prints a Markdown table; exit code 1 where an aim is missed. */
export function printReport(
  rows: readonly Row[],
  { turns, load, json }: { turns: number; load: number; json: string | undefined },
): void {
  const columns = COLUMNS.filter((column) => rows.some(({ figures }) => figures.has(column)));
  const lines = [
    `| | ${columns.join(' | ')} | lastfin to bare pipe | aim | |`,
    `| --- | ${columns.map(() => '---:').join(' | ')} | ---: | --- | --- |`,
    ...rows.map((row) => {
      const cells = columns.map((column) => cell(row, column));
      return `| ${row.name}${row.unit === '' ? '' : `, ${row.unit}`} | ${cells.join(' | ')} | ${relation(row)} | ${aimInWords(row.aim)} | ${verdict(row)} |`;
    }),
  ];
  const about = `Medians of ${turns} turns, ratios of pairs in brackets. Node ${process.version}, Linux ${release()}, ${availableParallelism()} × ${cpus()[0]?.model ?? '?'}, load ${load.toFixed(1)}.`;
  process.stdout.write(`\n${lines.join('\n')}\n\n${about}\n`);
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ about, turns, load, rows: rows.map(plain) }, null, 2)}\n`);
  if (rows.some((row) => isMet(row) === false)) process.exitCode = 1;
}

function isMet({ aim, ratios, difference, figures }: Row): boolean | undefined {
  const own = figures.get('lastfin');
  if (aim === undefined || own === undefined) return undefined;
  const ratio = ratios?.get('lastfin') ?? Number.NaN;
  if ('atLeast' in aim) return ratio >= aim.atLeast;
  if ('atMost' in aim) return ratio <= aim.atMost;
  if ('atMostMore' in aim) return (difference ?? Number.NaN) <= aim.atMostMore;
  return own <= aim.lastfinAtMost;
}

function verdict(row: Row): string {
  const met = isMet(row);
  return met === undefined ? '' : met ? 'met' : '**missed**';
}

function cell({ figures, ratios }: Row, column: Column): string {
  const figure = figures.get(column);
  if (figure === undefined) return '–';
  const ratio = column === 'lastfin' ? undefined : ratios?.get(column);
  return ratio === undefined ? format(figure) : `${format(figure)} (${ratio.toFixed(2)}×)`;
}

function relation({ ratios, difference, unit }: Row): string {
  const ratio = ratios?.get('lastfin');
  if (ratio !== undefined) return `${ratio.toFixed(2)}×`;
  return difference === undefined ? '' : `${difference >= 0 ? '+' : ''}${difference.toFixed(2)} ${unit}`;
}

function aimInWords(aim: Aim | undefined): string {
  if (aim === undefined) return '';
  if ('atLeast' in aim) return `≥ ${aim.atLeast}×`;
  if ('atMost' in aim) return `≤ ${aim.atMost}×`;
  return 'atMostMore' in aim ? `≤ +${aim.atMostMore}` : `≤ ${aim.lastfinAtMost}`;
}

function format(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Number.isInteger(value) ? 0 : 2);
}

function plain(row: Row): unknown {
  const { figures, ratios, ...rest } = row;
  return {
    ...rest,
    figures: Object.fromEntries(figures),
    ...(ratios && { ratios: Object.fromEntries(ratios) }),
    met: isMet(row),
  };
}
