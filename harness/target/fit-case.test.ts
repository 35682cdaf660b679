import { expect, test } from 'vitest';

import { loadScenarios } from '../scenario/load-scenarios.ts';
import type { Case } from '../scenario/scenario.ts';
import { fitCase } from './fit-case.ts';
import { loadTarget, parseTarget, type Target } from './target-file.ts';

const ABOUT = 'about: a proxy\nkind: node\ncommand: [node, proxy.mjs]\n';
const HTTP = `${ABOUT}routes: { http: { client: http, upstream: http } }\n`;
const parse = (text: string): Target =>
  parseTarget(text, { file: 'x.yaml', places: { here: '.', root: '.', lastfin: '.' } });
const load = (scenario: string): Case | undefined =>
  loadScenarios([`scenarios/universal/${scenario}.yaml`], { root: 'scenarios', seed: 1 })[0];
const plan = load('lifecycle/close-after-exchange');
const overHttp = load('http/keep-alive');
const onServer = load('server/keep-alive');

test('a case waits as long as its target needs to drain', () => {
  const drainOn = (text: string): number | undefined =>
    overHttp && fitCase(overHttp, 'x', parse(text)).expect.drain;
  expect(drainOn(ABOUT)).toBe(1000);
  // idle connections of Node's HTTP server are kept for 5 s
  expect(drainOn(HTTP)).toBe(7000);
  expect(drainOn(`${HTTP}drain: 20s\n`)).toBe(20_000);
  // never less than the scenario says
  expect(drainOn(`${HTTP}drain: 0s\n`)).toBe(1000);
});

test('a case of a user that names no route takes the first one; a shipped one takes a route that speaks as it does', () => {
  expect(plan && fitCase({ ...plan, kind: 'own' }, 'x', parse(HTTP)).route).toBe('http');
  expect(plan && fitCase(plan, 'x', parse(HTTP)).route).toBe('tcp');
  expect(plan && fitCase(plan, 'proxy', loadTarget('proxy')).route).toBe('tcp');
  const named = parse(
    `${ABOUT}routes: { a: { upstream: none }, b: {}, c: { client: https }, d: { client: https, upstream: http } }\n`,
  );
  expect(plan && fitCase(plan, 'x', named).route).toBe('b');
  expect(overHttp && fitCase(overHttp, 'x', named).route).toBe('d');
  expect(onServer && fitCase(onServer, 'x', named).route).toBe('c');
});
