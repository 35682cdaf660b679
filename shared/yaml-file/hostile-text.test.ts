import { expect, test } from 'vitest';

import { LastfinError } from '../errors/lastfin-error.ts';
import { problemAt, throwProblems } from './problem.ts';
import { parseYaml } from './yaml-source.ts';

const repeated =
  (unit: string, before = '') =>
  (size: number): string =>
    before + unit.repeat(Math.ceil(size / unit.length));

const numbered =
  (line: (index: number) => string, before = '') =>
  (size: number): string => {
    const lines: string[] = [before];
    for (let index = 0, length = 0; length < size; index++) {
      const next = line(index);
      lines.push(next);
      length += next.length;
    }
    return lines.join('');
  };

/** Texts of any size that have slowed down or broken a YAML parser. */
const SHAPES: Record<string, (size: number) => string> = {
  'unclosed [': repeated('['),
  'unclosed {': repeated('{'),
  'unclosed [{': repeated('[{'),
  'unclosed [ before ${': repeated('[${'),
  'unclosed { and then ${': (size) => `${'{'.repeat(size)}\${`,
  'only ]': repeated(']'),
  dashes: repeated('- '),
  'dashes on lines': repeated('-\n'),
  'question marks': repeated('? '),
  colons: repeated(': '),
  'nested in one line': repeated('a: '),
  'indented ever deeper': numbered((index) => `${' '.repeat(index)}a:\n`),
  'lists ever deeper': numbered((index) => `${' '.repeat(index)}-\n`),
  keys: numbered((index) => `k${index}: 1\n`),
  'keys in { }': numbered((index) => `k${index}: 1,`, '{'),
  'one key': repeated('a: 1\n'),
  'a huge key': (size) => `${'a'.repeat(size)}: 1\n`,
  anchors: numbered((index) => `- &a${index} x\n`),
  'unknown aliases': numbered((index) => `- *a${index}\n`),
  'anchors and aliases': numbered((index) => `- &a${index} x\n- *a${index}\n`),
  'aliases of one anchor': repeated('- *a\n', '- &a x\n'),
  'anchors on one line': repeated('&a '),
  'anchors in [ ]': numbered((index) => `&a${index} [`),
  'an alias that doubles': (size) =>
    numbered(
      (index) => `b${index}: &b${index} [*b${index - 1}, *b${index - 1}]\n`,
      'b-1: &b-1 x\n',
    )(Math.min(size, 2_000)),
  tags: repeated('!a '),
  'unknown tags': numbered((index) => `- !t${index} x\n`),
  'open quotes': repeated('"'),
  backslashes: repeated('\\', '"'),
  'bad escapes': repeated('\\x', '"'),
  'block text': repeated(' x\n', 'a: |\n'),
  'block text in steps': numbered((index) => `${' '.repeat(index % 300)}x\n`, 'a: |\n'),
  comments: repeated('#\n'),
  directives: numbered((index) => `%FOO ${index}\n`),
  documents: repeated('---\n'),
  commas: repeated(',', '['),
  'empty lists': repeated('[],'),
  'lists as keys': repeated('? [a]\n: b\n'),
  tabs: repeated('\t- a\n'),
  words: repeated('a b '),
  'lines of words': repeated('ab cd\n'),
  'carriage returns': repeated('\r'),
  'byte order marks': repeated('\uFEFF'),
  'halves of surrogate pairs': repeated('\uD800'),
  NUL: repeated('\0'),
  'UTF-16': repeated('a\0'),
  'merge keys': numbered((index) => `- <<: *x${index}\n`),
  __proto__: repeated('- __proto__: 1\n'),
  'dates and octals': repeated('- 2001-01-01\n- 0o17\n'),
};

function answer(text: string): { took: number; message: string } {
  const before = process.cpuUsage();
  const source = parseYaml('x.yaml', text);
  let message = '';
  try {
    throwProblems(
      'LASTFIN_SCENARIO_INVALID',
      source.errors.map((error) => problemAt(source, error.span, error.message)),
    );
  } catch (error) {
    if (!(error instanceof LastfinError)) throw error;
    message = error.message;
  }
  const { user, system } = process.cpuUsage(before);
  return { took: (user + system) / 1000, message };
}

test.each(Object.entries(SHAPES))('%s: linear time, and an answer that fits on a page', (_name, shape) => {
  const [small, large] = [shape(16_000), shape(64_000)];
  const fastest = Math.min(answer(small).took, answer(small).took);
  const { took, message } = answer(large);
  // quadratic time would be sixteen times as long; a few ms are the garbage collector's
  expect(took).toBeLessThan(9 * fastest + 100);
  expect(took).toBeLessThan(4_000);
  expect(message.split('\n').length).toBeLessThanOrEqual(100);
  expect(message).not.toMatch(/[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069\uFEFF\p{Cs}]/u);
  if (message !== '') expect(message).toMatch(/^x\.yaml:\d+:\d+: /);
});

test.each([
  [
    'a file too large',
    'a'.repeat(300_000),
    'x.yaml:1:1: the file has 300000 characters; 262144 is the limit',
  ],
  ['too deep', `a: ${'['.repeat(100)}`, 'x.yaml:1:68: more than 64 lists and maps within each other'],
  ['too many values', `[${'a,'.repeat(60_000)}]`, 'x.yaml:1:1: the file has more than 50000 values'],
  [
    'a control character',
    'a: 1\nb: \u0007',
    'x.yaml:2:4: the control character U+0007 cannot stand in a file',
  ],
  ['NUL', 'a: \0', 'x.yaml:1:4: a NUL character: the file must be text in UTF-8'],
  ['no UTF-8', Buffer.from([0x61, 0x3a, 0x20, 0xff]).toString(), 'x.yaml:1:4: text that is not UTF-8'],
])('%s is told', (_name, text, expected) => {
  expect(answer(text).message).toContain(expected);
});

test('64 levels are enough for anybody, and are read', () => {
  expect(parseYaml('x.yaml', `${'['.repeat(60)}${']'.repeat(60)}`).errors).toEqual([]);
});
