import { expect, test } from 'vitest';

import { wouldRun } from './would-run.ts';

const cases = (...sets: string[][]): { settings: string[] }[] => sets.map((settings) => ({ settings }));

test('the few settings that let the most cases run, as YAML to paste', () => {
  const many = cases(
    ['idle', 'grace'],
    ['idle', 'grace'],
    ['grace'],
    ['one', 'two', 'three', 'four', 'five'],
  );
  expect(wouldRun(many, () => 'duration')).toEqual({
    cases: 3,
    settings: ['idle', 'grace'],
    yaml: [
      'settings: # as your program takes them',
      "  idle: { type: duration, arguments: [--idle, '{{value}}'] }",
      "  grace: { type: duration, arguments: [--grace, '{{value}}'] }",
    ].join('\n'),
  });
});

test('options are written as command lines write them', () => {
  expect(wouldRun(cases(['maxConnectionsPerIp']), () => 'integer')?.yaml).toContain(
    '[--max-connections-per-ip,',
  );
});

test('nothing where no setting would help', () => {
  expect(wouldRun([{}, {}], () => 'string')).toBeUndefined();
});
