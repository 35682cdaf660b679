import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

/** Comments that begin with a pronoun or an article of number, whose noun the reader would have to find. */
const RIDDLE = /^\s*(?:\/\/|\/\*\*|\*|#+) (?:Of|One|Those|What|That) /;

/** Descriptions that begin with a word which stands for a noun, or which needs the sentence before. */
const FRAGMENT = /^\s*\/\*\* (?:what|where|who|whom|whose|which|of|from|also|without|that|those|one) /i;

/** Phrases that say neither how many nor whose. */
const VAGUE = /^\s*(?:\/\/|\/\*\*|\*|#+) .*\b(?:so many|of ours|gives back)\b/;

/** Files that are not read: built output, and decisions, which stay as they were written. */
const LEFT_OUT = /^(?:docs\/decisions\/|docs\/generated\/)|\.min\.mjs$/;

const files = execFileSync('git', ['ls-files'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /(?:\.(?:tsx?|mjs|js|sh|py|ya?ml|md)|Dockerfile)$|^\.ci\//.test(file))
  .filter((file) => !LEFT_OUT.test(file));

/** Places that break a rule, as `file:line: text`. */
function breaking(rule: RegExp): string[] {
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => (rule.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  );
}

test('the sources are there to be read', () => {
  expect(files.length).toBeGreaterThan(500);
});

test.each(['/** What it does. */', '  // One of them', ' * Those that stay', '# That of the target'])(
  'a riddle is found: %s',
  (line) => expect(line).toMatch(RIDDLE),
);

test('no comment begins with a riddle', () => {
  expect(breaking(RIDDLE)).toEqual([]);
});

test.each([
  '  /** what has been sent */',
  '/** From the line of a function. */',
  '/** of a leak: one of them */',
])('a fragment is found: %s', (line) => expect(line).toMatch(FRAGMENT));

test('no description begins with a fragment', () => {
  expect(breaking(FRAGMENT)).toEqual([]);
});

test('no comment is vague about number or owner', () => {
  expect(breaking(VAGUE)).toEqual([]);
});
