import { expect, test } from 'vitest';

import { casePattern } from '../case-pattern.ts';
import { planText, refusal } from '../testing/plan-text.ts';

/** Joins a text for each of the numbers below `count`. */
const each = (count: number, text: (index: number) => string, between = ', '): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(between);

/** Axes whose values each stand for ten of the next. */
const multiplied = (levels: number, value: (next: string) => string, last: string): string =>
  `matrix: { a: [{ name: x, ${each(levels, (index) => `v${index}: ${value(`\${a.v${index + 1}}`)}`)}, v${levels}: ${last} }] }`;

test.each([
  [
    'variables that multiply within text',
    `${multiplied(12, (next) => `"${next.repeat(10)}"`, 'z')}\nclient: [open, { raw: "\${a.v0}" }]`,
    'makes more of this than 50000 values, 1048576 characters and 64 levels',
  ],
  [
    'variables that multiply nothing',
    `${multiplied(18, (next) => `"${next.repeat(10)}"`, '""')}\nclient: [open, { raw: "\${a.v0}" }]`,
    'makes more of this than',
  ],
  [
    'variables that multiply lists',
    `${multiplied(12, (next) => `[${each(10, () => `"${next}"`)}]`, 'z')}\nclient: "\${a.v0}"`,
    'makes more of this than',
  ],
  [
    'a variable within itself',
    'matrix: { a: [{ name: x, v: ["${a.v}"] }] }\nclient: "${a.v}"',
    'makes more of this than',
  ],
  [
    'many cells of long scripts',
    `matrix: { a: [${each(1000, String)}] }\nclient: [open, { repeat: 9000, steps: [{ send: 1 }] }]`,
    'more than 50000 values in all',
  ],
  [
    'many repeats',
    `client: [open, ${each(2000, () => '{ repeat: 9000, steps: [{ send: 1 }] }')}]`,
    'more than 10000 steps, repeats written out',
  ],
  [
    'many values of an axis',
    `matrix: { a: [${each(30_000, String)}] }\nclient: [open]`,
    '30000 combinations',
  ],
  [
    'many axes of one value',
    `matrix: { ${each(5_000, (index) => `a${index}: [1]`)} }\nclient: [open]`,
    '5000 axes; 20 is the limit',
  ],
  ['many unknown keys', each(10_000, (index) => `k${index}: 1`, '\n'), 'unknown key `k0`'],
  [
    'groups of clients that sum up',
    `clients: [${each(200, () => '{ count: 10000, script: [open] }')}]`,
    '2000000 connections in all; 10000 is the limit',
  ],
  ['a ClientHello of 1 GiB', 'client: [open, { hello: { least: 1GiB } }]', 'must be 63KiB or less'],
  [
    'a send of years',
    'client: [open, { send: 1GiB, pace: 1B/1s }]',
    '`pace` makes 1073741824 pieces of this, in 17895698 minutes',
  ],
  [
    'a name with an escape sequence',
    String.raw`matrix: { a: ["x\e[31m"] }` + '\nclient: [open]',
    String.raw`x\u001b[31m`,
  ],
])('%s is refused at once, on one page', (_name, body, expected) => {
  const before = process.cpuUsage();
  const message = refusal(() => planText(`about: x\n${body}\n`));
  const { user, system } = process.cpuUsage(before);
  expect(message).toContain(expected);
  expect(message.split('\n').length).toBeLessThanOrEqual(100);
  expect((user + system) / 1000).toBeLessThan(4_000);
});

test.each([
  ['*', 'any', true],
  ['faults/*', 'faults/x[a=1]', true],
  ['*[a=*]', 'x[a=1]', true],
  ['a*a', 'a', false],
  ['a*b*a', 'aba', true],
  ['x', 'xy', false],
  [`${'a*'.repeat(500)}b`, 'a'.repeat(5_000), false],
])('the pattern %s means %s: %s', (pattern, id, meant) => {
  expect(casePattern(pattern)(id)).toBe(meant);
});
