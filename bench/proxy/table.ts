import type { Figure, Judged } from './figures.ts';
import { median } from '../statistics.ts';

/** The columns of contenders, in their order. */
const NAMES = ['bare', 'lastfin', 'nginx', 'haproxy'];

export const HEAD = ['figure', 'bare pipe', 'lastfin', 'nginx', 'HAProxy', 'lastfin against bare', 'aim', ''];

/** The cells of each figure, under {@link HEAD}: medians, then the comparison with its least and most. */
export function cells(figures: readonly Judged[]): string[][] {
  return figures.map((figure) => [
    `${figure.title}${figure.unit === '' ? '' : `, ${figure.unit}`}`,
    ...NAMES.map((name) => valueOf(figure.samples[name])),
    comparison(figure),
    aimOf(figure),
    figure.met === undefined ? '' : figure.met ? 'met' : 'MISSED',
  ]);
}

/** The same as a table of a README. */
export function markdown(figures: readonly Judged[]): string {
  const row = (of: readonly string[]): string => `| ${of.join(' | ')} |`;
  const rule = HEAD.map((_, column) => (column >= 1 && column <= 4 ? '---:' : '---'));
  return [row(HEAD), row(rule), ...cells(figures).map(row)].join('\n');
}

function comparison({ compared, against, samples, result, unit }: Judged): string {
  if (result === undefined || compared === 'value') return '';
  if (compared === 'ratio') {
    const spread = `${times(result.median)} (${result.least.toFixed(2)}–${result.most.toFixed(2)})`;
    return against === undefined ? spread : `${spread} of ${valueOf(samples[against])} ${against}`;
  }
  return `${signed(result.median)} ${unit} (${signed(result.least)} to ${signed(result.most)})`;
}

function aimOf({ aim, compared, unit }: Figure): string {
  if (aim === undefined) return '';
  const [sign, limit] = 'atLeast' in aim ? ['≥', aim.atLeast] : ['≤', aim.atMost];
  if (compared === 'ratio') return `${sign} ${times(limit)}`;
  if (compared === 'value') return `${sign} ${limit}`;
  return `${sign} ${signed(limit)} ${unit}`;
}

const times = (value: number): string => `${value.toFixed(2)}×`;

const signed = (value: number): string => (value < 0 ? number(value) : `+${number(value)}`);

function valueOf(samples: readonly number[] | undefined): string {
  return samples === undefined || samples.length === 0 ? '–' : number(median(samples));
}

function number(value: number): string {
  return Number.isInteger(value) || Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2);
}
