import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { Option } from '../../../shared/vendor/commander.ts';
import { DEFAULT_TARGET, type Selection } from '../../suite/select-cases.ts';

/** Selection as the command line gives it: seed and cases have defaults. */
export type SelectionOptions = Omit<Selection, 'target'> & { target?: string } & Required<
    Pick<Selection, 'case' | 'seed'>
  >;

/** Parses an option's value that is a whole number of at least 1. @throws LastfinError `LASTFIN_USAGE` */
export function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new LastfinError('LASTFIN_USAGE', `a whole number of at least 1 is needed, not \`${value}\``);
  }
  return number;
}

/** Parses an option's value that is a whole number or 0. @throws LastfinError `LASTFIN_USAGE` */
export function wholeNumber(value: string): number {
  return value === '0' ? 0 : positiveInteger(value);
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
      'take scenarios from this folder only (default: the shipped suite, and ./scenarios)',
    ),
    new Option(
      '-c, --case <id...>',
      'select these cases, or all cases of these scenarios; `*` stands for any text',
    ).default([], 'all'),
    new Option(
      '-t, --target <name-or-file>',
      `run on this target: a target file, or the name of a shipped one (default: ${DEFAULT_TARGET} where there is one, else the reference proxy)`,
    ),
    new Option(
      '--route <name>',
      'run only cases that fit this route of the target (default: each case on the first route that fits)',
    ),
    new Option('-s, --seed <n>', 'seed of random choices: the same seed gives the same run')
      .argParser(seedOf)
      .default(1),
  ];
}
