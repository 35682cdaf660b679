import { expect, test } from 'vitest';

import { LastfinError } from './lastfin-error.ts';
import { printable, printableWord } from './printable.ts';

test('control characters, bidi overrides and halves of surrogate pairs stand as their escapes', () => {
  expect(printable('a\u001B[31m\u0007\0\u009B\u202E\u2066\u2028\uFEFF\uD800 ✓ 😀')).toBe(
    String.raw`a\u001b[31m\u0007\u0000\u009b\u202e\u2066\u2028\ufeff\ud800 ✓ 😀`,
  );
  expect(printable('a\r\nb\rc\td')).toBe('a\nb\nc  d');
});

test.each([
  ['many lines', 'x\n'.repeat(5_000_000)],
  ['one long line', 'x'.repeat(10_000_000)],
  ['many carriage returns', '\r'.repeat(5_000_000)],
  ['many control characters', '\u001B'.repeat(5_000_000)],
])('%s: at most 100 lines of printable text', (_name, text) => {
  const { message } = new LastfinError('LASTFIN_USAGE', text);
  expect(message.split('\n').length).toBeLessThanOrEqual(100);
  expect(message.length).toBeLessThan(1_000_000);
  expect(message).not.toMatch(/[^\P{Cc}\n]/u);
});

test('a message that is short and printable stays as it is', () => {
  const text = 'x.yaml:1:1: `é` cannot be\n> 1 | é\n    | ^';
  expect(new LastfinError('LASTFIN_USAGE', text).message).toBe(text);
});

test('a word within a sentence stays on one line', () => {
  expect(printableWord(`a\n${'b'.repeat(200)}`)).toBe(String.raw`a\n${'b'.repeat(98)}…`);
});
