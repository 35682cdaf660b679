import { stripVTControlCharacters } from 'node:util';

import { withoutRunnerCommands } from '../../shared/errors/runner-commands.ts';

/**
 * Text that others wrote, such as a target's output, made safe to print: no escape sequences, no control characters but line ends, nothing
 * that XML forbids, and no commands of a GitHub runner.
 */
export function plainText(text: string): string {
  return withoutRunnerCommands(
    stripVTControlCharacters(text)
      .replaceAll(/\r\n?/g, '\n')
      .replaceAll('\t', '  ')
      .replaceAll(UNPRINTABLE, '\uFFFD'),
  );
}

/** Control characters, what turns the direction of text around, other line ends, halves of surrogate pairs, and what is no character. */
const UNPRINTABLE = /[^\P{Cc}\n]|[\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF\p{Cs}]/gu;

/** The same on one line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, ' ').trim();
}

/** The first line, where there is no room for the rest. */
export function firstLine(text: string): string {
  return plainLine(plainText(text).trimStart().split('\n', 1)[0] ?? '');
}
