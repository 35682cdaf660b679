import path from 'node:path';

import { beginStackWith } from '../../shared/errors/begin-stack-with.ts';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { countOf, oneLine } from '../judge/words.ts';
import { place } from '../report/finding-text.ts';
import type { Position } from '../probe/protocol.ts';
import type { ProcessLeak } from './process-leak.ts';

const LABEL = 10;
/** Lines that are shown of a leak; all of them are in the error's facts. */
const MOST_LINES = 6;

/** Circumstances that a reader of the error must know. */
export type Circumstances = {
  /** how the leaks were found: `after the test`, `in rounds 2 to 3 of 3` */
  when: string;
  /** whether another check ran in this process at the same time */
  alone: boolean;
  blind: readonly string[];
};

/** Error whose message names each leak, and whose stack begins with the lines of the first. */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- captureStackTrace takes any function
export function leakError(leaks: readonly ProcessLeak[], how: Circumstances, below: Function): LastfinError {
  const { alone, blind } = how;
  const remarks = [...(alone ? [] : [OTHERS]), ...blind.map((one) => `not seen: ${one}`)];
  const text = [leaksInWords(leaks, how.when), ...(remarks.length === 0 ? [] : ['', ...remarks])].join('\n');
  const error = new LastfinError('LASTFIN_FOUND', text, { facts: { leaks } });
  return beginStackWith(error, leaks[0]?.where ?? [], below);
}

/** Leaks for a person, one after the other. */
export function leaksInWords(leaks: readonly ProcessLeak[], when: string): string {
  return [
    `${leaks.length} ${leaks.length === 1 ? 'leak' : 'leaks'} ${when}`,
    ...leaks.flatMap((leak, index) => ['', ...leakInWords(leak, index + 1)]),
  ].join('\n');
}

const OTHERS =
  'another check ran in this process at the same time: what both of them can reach (collections, listeners, accepted sockets, files) may be the other’s';

function leakInWords(
  { resource, count, where, sample, path: held, alsoRetains }: ProcessLeak,
  number: number,
): string[] {
  const [first] = where;
  const origin = first === undefined ? '' : `, from ${fromHere(first)}`;
  const lines = where.slice(0, MOST_LINES).map(fromHere);
  const facts: [label: string, lines: string[]][] = [
    ['lines', [...lines, ...(where.length > MOST_LINES ? [`and ${where.length - MOST_LINES} more`] : [])]],
    ['sample', [oneLine(sample, 300)]],
    ['path', held === undefined ? [] : [oneLine(held, 300)]],
    ['retains', alsoRetains === undefined ? [] : [`${alsoRetains} more objects`]],
  ];
  return [
    `${String(number).padStart(2)}  leak: ${countOf(resource, count)} left${origin}`,
    ...facts.flatMap(([label, all]) =>
      all.map((line, index) => `    ${(index === 0 ? label : '').padEnd(LABEL)}${line}`),
    ),
  ];
}

/** Position with its path from the working directory, where it lies below that. */
function fromHere(position: Position): string {
  const relative = path.relative('', position.file);
  const isBelow = path.isAbsolute(position.file) && !relative.startsWith('..');
  return place(isBelow ? { ...position, file: relative } : position);
}
