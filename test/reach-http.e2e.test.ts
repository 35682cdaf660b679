import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { onTarget } from '../harness/suite/on-target.ts';
import { selectCases } from '../harness/suite/select-cases.ts';
import { folderOfFile } from '../shared/testing/folders.ts';
import { type Admission, admit } from '../harness/run/admission/admit.ts';

const folder = folderOfFile();

/** Admissions of the whole shipped suite to a target with these routes, on a machine that can do everything. */
function admissions(routes: string): (Admission & { area: string })[] {
  const file = path.join(folder, 'target.yaml');
  writeFileSync(file, `about: A program.\nkind: node\ncommand: [node, main.mjs]\nroutes: ${routes}\n`);
  const chosen = selectCases([], { case: [], target: file, seed: 1 }).map(onTarget);
  return chosen.map(({ testCase, ...context }) => ({
    ...admit(testCase, { mode: 'auto', machine: { lacks: {} }, ...context }),
    area: testCase.scenario.split('/')[0] ?? '',
  }));
}

/** How many cases run, by area. */
function reach(routes: string): { all: number; areas: string[] } {
  const running = admissions(routes).filter((one) => one.as === 'run');
  return { all: running.length, areas: [...new Set(running.map(({ area }) => area))].toSorted() };
}

test.each([
  [
    'an HTTP proxy with WebSockets',
    '{ http: { client: http, upstream: http }, websocket: { client: websocket, upstream: websocket } }',
    200,
    ['http', 'websocket'],
  ],
  ['an HTTP proxy', '{ http: { client: http, upstream: http } }', 150, ['http']],
  ['an HTTP proxy whose route has another name', '{ web: { client: https, upstream: http } }', 150, ['http']],
  ['an HTTP server', '{ http: { client: http } }', 80, ['server']],
  ['a TCP server', '{ tcp: { upstream: none } }', 35, ['server']],
  [
    'a TCP server whose route has another name',
    '{ redis: { upstream: none, request: "PING\\r\\n" } }',
    35,
    ['server'],
  ],
])('%s runs the cases that are about it', (_what, routes, least, areas) => {
  const reached = reach(routes);
  expect(reached.all).toBeGreaterThanOrEqual(least);
  expect(reached.areas).toEqual(areas);
});

test('the cases that do not apply say why', () => {
  const server = admissions('{ http: { client: http } }');
  const reasons = server.flatMap((one) =>
    one.as === 'not-applicable' && one.area === 'http' ? [one.reason] : [],
  );
  expect(new Set(reasons)).toContain('need an upstream');
  const proxy = admissions('{ http: { client: http, upstream: http } }');
  const others = proxy.filter((one) => one.as === 'not-applicable' && one.area === 'server');
  expect(others.length).toBeGreaterThan(80);
});
