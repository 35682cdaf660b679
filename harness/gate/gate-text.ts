import { plainLine } from '../report/plain-text.ts';
import { MARKS } from '../report/terminal/palette.ts';
import type { Gated } from './check-gate.ts';

/** Findings or cases that are named for a bound; all of them are in the report. */
const MOST = 10;

/** Judgement in words: each figure with its bound, and for an exceeded one by how much and for what. */
export function gateInWords({ checks, incomplete, exitCode }: Gated, file: string): string[] {
  const width = Math.max(...checks.map(({ what }) => what.length));
  const over = checks.filter(({ holds }) => !holds).length;
  return [
    plainLine(file),
    ...incomplete.map((why) => `${MARKS.error} not a whole run: ${plainLine(why)}`),
    ...checks.flatMap(({ what, actual, bound, holds, over: by, such }) => [
      `${holds ? MARKS.passed : MARKS.failed} ${what.padEnd(width)}  ${actual}, ${bound}${by === undefined ? '' : `: ${by}`}`,
      ...such.slice(0, MOST).map((one) => `    ${plainLine(one)}`),
      ...(such.length > MOST ? [`    and ${such.length - MOST} more`] : []),
    ]),
    exitCode === 0
      ? 'the gate is open'
      : exitCode === 3
        ? 'the gate stays shut: the run says too little'
        : `the gate is shut: ${over} of ${checks.length} bounds exceeded`,
  ];
}
