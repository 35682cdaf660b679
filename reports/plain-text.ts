import { stripVTControlCharacters } from 'node:util';

/** Text that others wrote, such as a target's output, made safe to print: no escape sequences or control characters but line ends. */
export function plainText(text: string): string {
  return (
    stripVTControlCharacters(text)
      .replaceAll(/\r\n?/g, '\n')
      .replaceAll('\t', '  ')
      // control characters, and what turns the direction of text around
      .replaceAll(/[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD')
  );
}

/** The same on one line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, ' ').trim();
}

/** The first line, where there is no room for the rest. */
export function firstLine(text: string): string {
  return plainLine(plainText(text).trimStart().split('\n', 1)[0] ?? '');
}
