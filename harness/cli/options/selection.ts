import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { Option } from '../../../shared/vendor/commander.ts';
import { DEFAULT_TARGET, type Selection } from '../../suite/select-cases.ts';

/** Selection as the command line gives it: seed and cases have defaults. */
export type SelectionOptions = Selection & Required<Pick<Selection, 'case' | 'seed'>>;

/** Parses an option's value that is a whole number of at least 1. @throws LastfinError `LASTFIN_USAGE` */
export function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new LastfinError('LASTFIN_USAGE', `a whole number of at least 1 is needed, not \`${value}\``);
  }
  return number;
}

function seedOf(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new LastfinError('LASTFIN_USAGE', `the seed is a whole number of at least 0, not \`${value}\``);
  }
  return number;
}

/** Options made anew for each command: commander keeps state in them. */
export function selectionOptions(): Option[] {
  return [
    new Option(
      '--root <folder>',
      'scenarios of this folder only; without it the shipped suite and those of ./scenarios',
    ),
    new Option(
      '-c, --case <id...>',
      'only these cases, or all cases of these scenarios; `*` stands for any text',
    ).default([], 'all'),
    new Option(
      '-t, --target <name-or-file>',
      `target to run on: a target file, or the name of a shipped one (default: ${DEFAULT_TARGET} where there is one, else the reference proxy)`,
    ),
    new Option(
      '--route <name>',
      'only cases that this route of the target carries; by default each runs on the first that carries it',
    ),
    new Option('-s, --seed <n>', 'the same seed gives the same run').argParser(seedOf).default(1),
  ];
}
