import type { Kind } from './kinds.ts';

export type Random = () => number;

/** Corpus of each kind: files that are accepted. */
export type Corpus = Record<Kind, readonly string[]>;

/** Characters of a generated file, most are far shorter. */
const LONGEST = 300_000;

/** Pieces that have hurt a parser somewhere. */
const NASTY = [
  '[',
  ']',
  '{',
  '}',
  ':',
  ': ',
  '- ',
  '-',
  '? ',
  '?',
  ',',
  '|',
  '>',
  '|2-\n',
  '"',
  "'",
  '\\',
  '\\x',
  '\\u',
  '#',
  ' #',
  '&a ',
  '*a ',
  '*',
  '&',
  '!',
  '!!',
  '!!binary ',
  '!<x> ',
  '%',
  '%TAG ! x\n',
  '@',
  '`',
  '---\n',
  '...\n',
  '\n',
  '\r',
  '\r\n',
  '\t',
  ' ',
  '  ',
  '\0',
  '\u001B[31m',
  '\u0007',
  '\u009B',
  '\uFEFF',
  '\u202E',
  '\u2028',
  '\uD800',
  '\uDC00',
  '\uFFFF',
  'ü',
  '😀',
  '${',
  '}',
  '${a}',
  '${a.b}',
  '$${',
  '{{',
  '}}',
  '{{x}}',
  '<<: *a\n',
  '__proto__',
  'constructor',
  'toString',
  'null',
  '~',
  'true',
  '.inf',
  '-.inf',
  '.nan',
  '0x1F',
  '0o17',
  '1e999',
  '-0',
  '9007199254740993',
  '1e308',
  '2001-01-01',
  '1_000',
  '8000000GiB',
  '1GiB',
  '720h',
  '1..2',
  'all',
  'a: ',
  'a:\n',
  '- a\n',
  ' x\n',
  '::error::x',
  '##[error]x',
  ']]>',
  '(a+)+$',
  '(?=a)',
  '(a{1000}){1000}',
  '../../x',
  '/dev/zero',
  '*'.repeat(30),
  'a*'.repeat(30),
] as const;

/** Values that a reader of JSON may not expect. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  2 ** 53 + 2,
  1e15,
  '',
  'a',
  [],
  {},
  [[]],
  [null],
  { a: null },
  '\u001B[31m',
  '\0',
  '\u202E',
  '\uD800',
  '::error::x',
  'x'.repeat(10_000),
  '\n'.repeat(500),
  '__proto__',
  'constructor',
  'all',
  '1GiB',
  '9'.repeat(400),
];

/** Makes one file of a kind: a changed one of the corpus, or one of nothing but nasty pieces. */
export function generate(kind: Kind, corpus: Corpus, random: Random): string {
  const base = pick(corpus[kind], random);
  const isJson = kind === 'journal' || kind === 'report';
  const way = random();
  if (way < 0.15) return shape(random);
  if (way < 0.3 && !isJson)
    return `${cut(base, random)}${shape(random)}${random() < 0.5 ? '' : base}`.slice(0, LONGEST);
  if (way < 0.45 && isJson) return changedJson(base, random);
  if (way < 0.5 && isJson) return changedJson(changedJson(base, random), random);
  return mutated(base, corpus[kind], random).slice(0, LONGEST);
}

/** A unit that is repeated, with something before and behind it. */
function shape(random: Random): string {
  const unit = pieces(1 + int(4, random), random);
  const size = pick([10, 100, 1_000, 20_000, 100_000, 250_000], random);
  const times = Math.max(1, Math.floor(size / Math.max(1, unit.length)));
  const numbered = random() < 0.3;
  const body = numbered
    ? Array.from({ length: Math.floor(times / 4) }, (_, index) =>
        unit.replace(/[\n:,]|$/, `${index}$&`),
      ).join('')
    : unit.repeat(times);
  const before =
    random() < 0.5
      ? ''
      : pick(
          ['about: x\nclient: ', 'a: ', '[', '{a: ', '"', '- ', '|\n', 'matrix:\n  a: [', '{"a":'],
          random,
        );
  return `${before}${body}${random() < 0.5 ? '' : pieces(2, random)}`.slice(0, LONGEST);
}

function mutated(base: string, all: readonly string[], random: Random): string {
  let text = base;
  for (let left = 1 + int(random() < 0.6 ? 1 : 5, random); left > 0; left--) {
    const at = int(text.length + 1, random);
    const end = Math.min(text.length, at + int(pick([2, 20, 200], random), random));
    const change = int(10, random);
    if (change === 0) text = text.slice(0, at) + text.slice(end);
    else if (change === 1)
      text = text.slice(0, at) + text.slice(at, end).repeat(1 + int(2_000, random)) + text.slice(end);
    else if (change === 2) text = text.slice(0, at);
    else if (change === 3) text = text.slice(0, at) + pick(all, random).slice(int(500, random));
    else if (change === 4) text = replacedWord(text, at, random);
    else if (change === 5) text = repeatedLine(text, random);
    else if (change === 6)
      text = text.slice(0, at) + pieces(1, random).repeat(1 + int(5_000, random)) + text.slice(at);
    else
      text = text.slice(0, at) + pieces(1 + int(2, random), random) + text.slice(random() < 0.5 ? at : end);
    text = text.slice(0, LONGEST);
  }
  return text;
}

/** Replaces one word of the file: keys, numbers, durations and names are hit in their own place. */
function replacedWord(text: string, from: number, random: Random): string {
  const found = /[\w./${}-]+/.exec(text.slice(from, from + 500));
  if (found === null) return text;
  const start = from + found.index;
  return text.slice(0, start) + pieces(1, random) + text.slice(start + found[0].length);
}

function repeatedLine(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = int(lines.length, random);
  const line = lines[at] ?? '';
  const times = int(3_000, random);
  const copies = Array.from({ length: times }, (_, index) =>
    random() < 0.5 ? line : line.replace(/[\w-]+(?=[:\]},]|$)/, `$&${index}`),
  );
  return [...lines.slice(0, at), ...copies, ...lines.slice(at)].join('\n');
}

/** Replaces one value in one line of JSON by another one, or by many. */
function changedJson(base: string, random: Random): string {
  const lines = base.startsWith('{\n') ? [base] : base.split('\n');
  const at = int(lines.length, random);
  try {
    const root: unknown = JSON.parse(lines[at] ?? '');
    lines[at] = JSON.stringify(changedValue(root, random));
  } catch {
    return base;
  }
  return lines.join('\n').slice(0, 8 * LONGEST);
}

function changedValue(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.1) {
    const given = pick(VALUES, random);
    return random() < 0.1 ? Array.from({ length: 5_000 }, () => given) : given;
  }
  const keys = Object.keys(value);
  const key = pick(keys, random);
  if (key === undefined) return pick(VALUES, random);
  if (Array.isArray(value)) {
    const list = [...(value as unknown[])];
    if (random() < 0.2) return Array.from({ length: int(3_000, random) }, () => list[Number(key)]);
    list[Number(key)] = changedValue(list[Number(key)], random);
    return list;
  }
  const map = { ...(value as Record<string, unknown>) };
  const change = random();
  if (change < 0.1) Reflect.deleteProperty(map, key);
  else if (change < 0.2) map[pick(NASTY, random)] = map[key];
  else map[key] = changedValue(map[key], random);
  return map;
}

const cut = (text: string, random: Random): string => text.slice(0, int(text.length + 1, random));
const int = (below: number, random: Random): number => Math.floor(random() * below);
const pick = <T>(list: readonly T[], random: Random): T => list[int(list.length, random)] as T;
const pieces = (count: number, random: Random): string =>
  Array.from({ length: count }, () => pick(NASTY, random)).join('');
