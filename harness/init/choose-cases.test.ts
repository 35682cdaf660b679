import { expect, test } from 'vitest';

import { type Listed, pickCases } from './choose-cases.ts';

const listed = (id: string, change: Partial<Listed> = {}): Listed => ({
  id,
  source: { file: `suite/${id}.yaml` },
  connections: 20,
  faults: [],
  settings: {},
  route: 'tcp',
  upstream: ['flood'],
  ...change,
});

const own = listed('scenarios/first', { source: { file: 'scenarios/first.yaml' } });
const proxy = { routes: ['tcp'], upstream: true };

test('the own scenario comes first, then cases that tell much', () => {
  const cases = [listed('a/simple'), listed('lifecycle/close-unused[by=client]'), own];
  expect(pickCases(cases, 'scenarios/first.yaml', proxy)).toEqual([
    'scenarios/first',
    'lifecycle/close-unused[by=client]',
    'a/simple',
  ]);
});

test.each([
  ['needs a setting', { settings: { grace: '1s' } }],
  ['is for another route', { route: 'http' }],
  ['is a promise of the reference proxy', { kind: 'contract' }],
  ['has hundreds of connections', { connections: 500 }],
])('leaves out a case that %s', (_, change) => {
  expect(pickCases([own, listed('a/other', change)], 'scenarios/first.yaml', proxy)).toEqual([
    'scenarios/first',
  ]);
});

test('a server gets no case that is about an upstream', () => {
  const cases = [
    own,
    listed('a/with'),
    listed('a/fault', { upstream: [], faults: [{}] }),
    listed('a/without', { upstream: [] }),
  ];
  const server = { routes: ['tcp'], upstream: false };
  expect(pickCases(cases, 'scenarios/first.yaml', server)).toEqual(['scenarios/first', 'a/without']);
});
