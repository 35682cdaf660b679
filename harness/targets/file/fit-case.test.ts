import { expect, test } from 'vitest';

import { loadScenarios } from '../../scenario/load/load-scenarios.ts';
import { planOne } from '../../scenario/testing/plan-text.ts';
import type { Case } from '../../scenario/case.ts';
import { fitCase } from './fit-case.ts';
import { loadTarget, parseTarget } from './target-file.ts';
import { type Target } from './target.ts';

const ABOUT = 'about: a proxy\nkind: node\ncommand: [node, proxy.mjs]\n';
const HTTP = `${ABOUT}routes: { http: { client: http, upstream: http } }\n`;
const parse = (text: string): Target =>
  parseTarget(text, { file: 'x.yaml', places: { here: '.', root: '.', lastfin: '.' } });
const own = planOne(
  'about: x\nclient: [open, { send: 64 }, close]\nexpect: { client: { end: 0..all, reset: 0..all } }\n',
);
const shipped: Case = { ...own, kind: 'universal' };

const load = (scenario: string): Case | undefined =>
  loadScenarios([`scenarios/universal/${scenario}.yaml`], { root: 'scenarios', seed: 1 })[0];
const overHttp = load('http/keep-alive');
const onServer = load('server/keep-alive');

test('a case waits as long as its target needs to drain', () => {
  const drainOn = (text: string): number => fitCase(own, 'x', parse(text)).expect.drain;
  expect(drainOn(ABOUT)).toBe(1000);
  // idle connections of Node's HTTP server are kept for 5 s
  expect(drainOn(HTTP)).toBe(7000);
  expect(drainOn(`${HTTP}drain: 20s\n`)).toBe(20_000);
  // never less than the scenario says
  expect(drainOn(`${HTTP}drain: 0s\n`)).toBe(1000);
});

test('thousands of connections that end at once have the time that closing them takes', () => {
  const drainOf = (count: number, concurrent: number): number =>
    fitCase({ ...own, connections: { count, concurrent } }, 'x', parse(ABOUT)).expect.drain;
  expect([drainOf(1000, 1000), drainOf(10_000, 1000), drainOf(50, 8000)]).toEqual([1000, 1000, 1000]);
  expect(drainOf(8000, 8000)).toBe(8000);
});

test("a case of the user's own that names no route takes the first one", () => {
  expect(fitCase(own, 'x', parse(HTTP)).route).toBe('http');
  expect(fitCase(own, 'proxy', loadTarget('proxy')).route).toBe('tcp');
});

test('a shipped case that names no route takes the first one that passes bytes on as they are, and never HTTP', () => {
  expect(fitCase(shipped, 'x', parse(HTTP)).route).toBe('tcp');
  const tunnel = `${ABOUT}routes: { http: { client: http, upstream: http }, tunnel: { client: connect } }\n`;
  expect(fitCase(shipped, 'x', parse(tunnel)).route).toBe('tunnel');
});

test('a route that is asked for takes the place of the first that carries the same, and of no other', () => {
  const two = `${ABOUT}routes: { one: [], two: { client: connect }, web: { client: http, upstream: http } }\n`;
  const on = (plan: Case | undefined, asked: string): string =>
    plan === undefined ? '' : fitCase(plan, 'x', parse(two), asked).route;
  expect([on(shipped, 'one'), on(shipped, 'two'), on(shipped, 'web')]).toEqual(['one', 'two', 'one']);
  expect([on(overHttp, 'web'), on(overHttp, 'two')]).toEqual(['web', 'web']);
});

test('a target that promises what the reference proxy does is held to it, another one is not', () => {
  const plan: Case = { ...shipped, contract: { expect: { client: { end: { min: 'all', max: 'all' } } } } };
  expect(fitCase(plan, 'x', parse(ABOUT)).expect.client).toEqual(own.expect.client);
  expect(fitCase(plan, 'x', parse(`${ABOUT}contract: true\n`)).expect.client).toEqual({
    end: { min: 'all', max: 'all' },
  });
});

test('a shipped case takes a route that speaks as it does', () => {
  expect(fitCase(shipped, 'x', parse(HTTP)).route).toBe('tcp');
  expect(fitCase(shipped, 'proxy', loadTarget('proxy')).route).toBe('tcp');
  const named = parse(
    `${ABOUT}routes: { a: { upstream: none }, b: {}, c: { client: https }, d: { client: https, upstream: http } }\n`,
  );
  expect(fitCase(shipped, 'x', named).route).toBe('b');
  expect(overHttp && fitCase(overHttp, 'x', named).route).toBe('d');
  expect(onServer && fitCase(onServer, 'x', named).route).toBe('c');
});
