import { expect, test } from 'vitest';
import { planText, refusal } from '../testing/plan-text.ts';
import { parseYaml } from '../../../shared/yaml-file/yaml-source.ts';

const refused = (text: string): string => refusal(() => planText(text));

test('locates values, keys, and the nearest ancestor of what is not there', () => {
  const source = parseYaml('x.yaml', 'a:\n  b: [1, { c: 2 }]\nd:\n');
  expect(source.locate(['a', 'b', 1, 'c'])).toMatchObject({ line: 2, column: 15 });
  expect(source.locate(['a', 'b', 1, 'c'], 'key')).toMatchObject({ line: 2, column: 12 });
  expect(source.locate(['a', 'b', 7])).toMatchObject({ line: 2, column: 3 });
  expect(source.locate(['a', 'z', 'y'])).toMatchObject({ line: 1, column: 1 });
  expect(source.locate(['d'])).toMatchObject({ line: 3, column: 1 });
  expect(source.locate([])).toMatchObject({ line: 1, column: 1 });
});

test('locates through an alias', () => {
  const source = parseYaml('x.yaml', 'a: &x { b: 1 }\nc: *x\n');
  expect(source.value).toEqual({ a: { b: 1 }, c: { b: 1 } });
  expect(source.locate(['c', 'b'])).toMatchObject({ line: 1, column: 12 });
});

test('a key given twice', () => {
  expect(refused('about: x\nclient: [open]\nabout: y\n')).toMatchInlineSnapshot(`
    "x.yaml:3:1: this key was given before in the same map
      1 | about: x
      2 | client: [open]
    > 3 | about: y
        | ^^^^^"
  `);
});

test('tabs', () => {
  expect(refused('about: x\nclient:\n\t- open\n')).toMatchInlineSnapshot(`
    "x.yaml:3:1: tabs cannot indent YAML; use spaces
      1 | about: x
      2 | client:
    > 3 |  - open
        | ^"
  `);
});

test('an anchor that does not exist, with the one that was meant', () => {
  expect(refused('about: x\nclient: &script [open]\nupstream: *scirpt\n')).toMatchInlineSnapshot(`
    "x.yaml:3:11: no anchor \`&scirpt\` before this; did you mean \`script\`?
      1 | about: x
      2 | client: &script [open]
    > 3 | upstream: *scirpt
        |           ^^^^^^^"
  `);
});

test('an alias inside its own value', () => {
  expect(refused('about: x\nclient: &script [open, *script]\n')).toMatchInlineSnapshot(`
    "x.yaml:2:24: \`*script\` stands inside the value it repeats
      1 | about: x
    > 2 | client: &script [open, *script]
        |                        ^^^^^^^"
  `);
});

test('a variable in braces without quotes', () => {
  expect(refused('about: x\nclient: [open, { send: ${bytes} }]\n')).toMatchInlineSnapshot(`
    "x.yaml:2:25: put quotes around \${…} inside { } or [ ]
      1 | about: x
    > 2 | client: [open, { send: \${bytes} }]
        |                         ^"
  `);
});

test('a bracket that is not closed', () => {
  expect(refused('about: x\nclient: [open, reset\nupstream: []\n')).toMatchInlineSnapshot(`
    "x.yaml:3:1: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]
      1 | about: x
      2 | client: [open, reset
    > 3 | upstream: []
        | ^^^^^^^^"
  `);
});

test('two documents', () => {
  expect(refused('about: x\n---\nabout: y\n')).toMatchInlineSnapshot(`
    "x.yaml:2:1: one file holds one document; remove what follows \`---\`
      1 | about: x
    > 2 | ---
        | ^^^
      3 | about: y"
  `);
});

test('an empty file, and one that is no map', () => {
  expect(refused('')).toMatchInlineSnapshot(`
    "x.yaml:1:1: the file is empty
    > 1 |
        | ^"
  `);
  expect(refused('- open\n')).toMatchInlineSnapshot(`
    "x.yaml:1:1: the file must be a map, beginning with \`about: …\`
    > 1 | - open
        | ^^^^^^"
  `);
});

test('a bomb of aliases is refused', () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) =>
      `l${i}: &l${i} [${Array(9)
        .fill(i === 0 ? 'x' : `*l${i - 1}`)
        .join(', ')}]`,
  );
  expect(refused(levels.join('\n'))).toContain('x.yaml:1:1: Excessive alias count');
});

test('a key called __proto__ is an unknown key like any other', () => {
  expect(refused('about: x\nclient: [open]\n__proto__: { target: y }\n')).toContain(
    'unknown key `__proto__`',
  );
});
