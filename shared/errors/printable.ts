import { withoutRunnerCommands } from './runner-commands.ts';

/** Most lines of one message: a reader needs the first few. */
const MOST_LINES = 100;
/** Most characters of one line. */
const LONGEST_LINE = 1_000;

/** Control characters except the line end, invisible format characters (which change the direction of text), and halves of surrogate pairs. */
const UNPRINTABLE = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Makes text of files and programs safe to print: a control character becomes its escape, such as `\u001b`, a long line is cut, and
 * only the first hundred lines are kept.
 *
 * @example
 * printable('a\u001b[31mb'); // 'a\\u001b[31mb'
 */
export function printable(text: string, { mostLines = MOST_LINES } = {}): string {
  // cut first, so that the rest takes the same time for a text of any length
  const head = withoutRunnerCommands(text.slice(0, mostLines * LONGEST_LINE));
  const lines = head.replaceAll(/\r\n?/g, '\n').split('\n');
  const shown = lines.slice(0, mostLines).map((line) => escaped(cut(line)));
  if (lines.length === shown.length && text.length <= mostLines * LONGEST_LINE) return shown.join('\n');
  return [...shown.slice(0, mostLines - 1), '… the rest is left out'].join('\n');
}

/** Makes a value safe to print within a sentence: on one line, and short. */
export function printableWord(text: string, longest = 100): string {
  return escaped(cut(text, longest)).replaceAll('\n', String.raw`\n`);
}

function cut(text: string, longest = LONGEST_LINE): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

function escaped(text: string): string {
  return text.replaceAll('\t', '  ').replaceAll(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16).padStart(4, '0');
    return code > 0xff_ff ? String.raw`\u{${hex}}` : String.raw`\u${hex}`;
  });
}
