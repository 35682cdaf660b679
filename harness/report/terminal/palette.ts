import { bold, cyan, dim, green, magenta, red, yellow } from 'yoctocolors';

import type { Verdict } from '../../judge/verdict.ts';

type Style = (text: string) => string;

/** The few styles of the terminal report. Colour never says what words do not. */
export type Palette = { bold: Style; dim: Style; red: Style; cyan: Style; verdict: Record<Verdict, Style> };

const same: Style = (text) => text;

/** Styles that colour, or that leave the text as it is. */
export function palette(color: boolean): Palette {
  if (!color) {
    const verdict = { passed: same, failed: same, flaky: same, skipped: same, error: same };
    return { bold: same, dim: same, red: same, cyan: same, verdict };
  }
  const verdict = { passed: green, failed: red, flaky: yellow, skipped: dim, error: magenta };
  return { bold, dim, red, cyan, verdict };
}

/** Whether to colour: a terminal, unless NO_COLOR is set (https://no-color.org); FORCE_COLOR wins over both. */
export function wantsColor(isTTY: boolean, env: Record<string, string | undefined>): boolean {
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return isTTY && env['TERM'] !== 'dumb';
}

/** A mark a verdict, for those who do not see colour. */
export const MARKS: Record<Verdict, string> = {
  passed: '✓',
  failed: '✗',
  flaky: '~',
  skipped: '-',
  error: '!',
};
