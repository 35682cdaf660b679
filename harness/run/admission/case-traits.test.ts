import { expect, test } from 'vitest';

import type { Machine } from '../../lab/machine.ts';
import { loadScenarios } from '../../scenario/load/load-scenarios.ts';
import type { Case } from '../../scenario/case.ts';
import { parseTarget } from '../../targets/file/target-file.ts';
import { admit, type Admission } from './admit.ts';
import { waitsForConnects } from '../../scenario/case-traits.ts';

const TARGET = 'about: a proxy\nkind: node\ncommand: [node, proxy.mjs]\n';
const WITHOUT: Machine = {
  lacks: { 'socket-table': { what: '/proc/net/tcp', fix: 'mount /proc' } },
};

const EVERYTHING: Machine = { lacks: {} };

const byId = new Map(
  loadScenarios(['scenarios/universal'], { root: 'scenarios', seed: 1 }).map((testCase) => [
    testCase.id,
    testCase,
  ]),
);
const caseOf = (id: string): Case => {
  const testCase = byId.get(id);
  if (testCase === undefined) throw new Error(`no case ${id}`);
  return testCase;
};
const admitted = (id: string, machine: Machine, more = ''): Admission => {
  const target = parseTarget(TARGET + more, {
    file: 'x.yaml',
    places: { here: '.', root: '.', lastfin: '.' },
  });
  return admit(caseOf(id), { target, mode: 'auto', machine, replaced: false, named: false });
};

test.each([
  ['faults/client-leaves-while-connecting', true],
  ['lifecycle/shutdown-connecting', true],
  ['lifecycle/shutdown[peers=hold]', false],
])('%s waits for connects: %s', (id, waits) => {
  expect(waitsForConnects(caseOf(id))).toBe(waits);
});

test('a case that waits for connects is skipped where the system does not tell of them', () => {
  expect(admitted('lifecycle/shutdown-connecting', EVERYTHING)).toMatchObject({ as: 'run' });
  expect(admitted('lifecycle/shutdown-connecting', WITHOUT)).toMatchObject({
    as: 'skipped',
    reason: expect.stringContaining('/proc/net/tcp'),
    want: WITHOUT.lacks['socket-table'],
  });
  expect(admitted('lifecycle/close-unused[by=client]', WITHOUT)).toMatchObject({ as: 'run' });
});

test('cases about names are not about a target that looks its upstream up at its start only', () => {
  const id = 'kernel/dead-address[dead=refused]';
  expect(admitted(id, EVERYTHING)).toMatchObject({ as: 'run' });
  expect(admitted(id, EVERYTHING, 'names: start\n')).toMatchObject({
    as: 'not-applicable',
    reason: expect.stringContaining('once, at its start'),
  });
});
