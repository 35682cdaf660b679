import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { beforeEach, expect, test } from 'vitest';
import { folderOfTest } from '../../shared/testing/folders.ts';

import type { CaseResult } from '../judge/verdict.ts';
import { hasRun, readCoverage } from './coverage.ts';
import { casesFor, huntMutation } from './hunt-generated.ts';

let folder: string;
beforeEach(() => {
  folder = folderOfTest();
});

test('tells which places of a source have run, by what V8 writes', async () => {
  const source =
    'const f = (a) => { if (a) { console.log(1); } else { console.log(2); } };\nconst g = () => 3;\nf(true);\n';
  writeFileSync(path.join(folder, 'one.mjs'), '');
  writeFileSync(path.join(folder, 'two.js'), source);
  const coverage = path.join(folder, 'coverage');
  spawnSync(process.execPath, ['two.js'], {
    cwd: folder,
    env: { ...process.env, NODE_V8_COVERAGE: coverage },
  });
  const ran = (await readCoverage(coverage, folder)).get('two.ts');
  expect(hasRun(ran, source.indexOf('console.log(1)'))).toBe(true);
  expect(hasRun(ran, source.indexOf('console.log(2)'))).toBe(false);
  expect(hasRun(ran, source.indexOf('3;'))).toBe(false);
  expect(hasRun(undefined, 0)).toBe(false);
});

const MUTATION = { file: 'proxy/tls/second-hello.ts', start: 5, end: 6, text: '', line: 1, what: 'x' };

const reachedBy = (id: string, route: string, took: number, to = 10) => ({
  one: { testCase: { id, route, target: 'proxy' } },
  took,
  ran: new Map([[MUTATION.file, [[0, to] as const]]]),
});

test('chooses cases that run the place: those named like the file, then the quickest of each route', () => {
  const reached = [
    reachedBy('faults/slow', 'tcp', 900),
    reachedBy('faults/quick', 'tcp', 100),
    reachedBy('tls/passthrough', 'tls', 500),
    reachedBy('tls/second-hello[name=same]', 'tls', 800),
    reachedBy('limits/elsewhere', 'tcp', 1, 3),
  ];
  const { chosen, reaching } = casesFor(MUTATION, reached, 3);
  expect(reaching).toBe(4);
  expect(chosen.map(({ testCase }) => testCase.id)).toEqual([
    'tls/second-hello[name=same]',
    'faults/quick',
    'tls/passthrough',
  ]);
});

const result = (verdict: CaseResult['verdict']): CaseResult => ({
  id: 'a',
  scenario: 'a',
  cell: {},
  about: '',
  source: { file: '', line: 1, column: 1 },
  target: 'proxy',
  seed: 1,
  verdict,
  findings: [],
  took: 1,
  terminations: { incoming: {}, outgoing: {} },
});

test('a case must fail twice: once may be the machine', async () => {
  const cases = { chosen: [{ testCase: { id: 'a' } }, { testCase: { id: 'b' } }], reaching: 2 };
  const verdicts: CaseResult['verdict'][] = ['failed', 'passed', 'failed', 'failed'];
  const noticed = await huntMutation(MUTATION, cases, Infinity, async () =>
    result(verdicts.shift() ?? 'passed'),
  );
  expect(noticed).toMatchObject({ outcome: 'noticed', by: { case: 'b' }, cases: 2 });
  const quiet = await huntMutation(MUTATION, cases, Infinity, async () => result('passed'));
  expect(quiet).toMatchObject({ outcome: 'survived', cases: 2, reaching: 2 });
  const nobody = await huntMutation(MUTATION, { chosen: [], reaching: 0 }, Infinity, async () =>
    result('passed'),
  );
  expect(nobody.outcome).toBe('unreached');
});
