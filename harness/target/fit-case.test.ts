import { expect, test } from 'vitest';

import { loadScenarios } from '../scenario/load-scenarios.ts';
import { fitCase } from './fit-case.ts';
import { loadTarget, parseTarget, type Target } from './target-file.ts';

const ABOUT = 'about: a proxy\nkind: node\ncommand: [node, proxy.mjs]\n';
const HTTP = `${ABOUT}routes: { http: { client: http, upstream: http } }\n`;
const parse = (text: string): Target =>
  parseTarget(text, { file: 'x.yaml', places: { here: '.', root: '.', lastfin: '.' } });
const [plan] = loadScenarios(['scenarios/lifecycle/close-after-exchange.yaml'], {
  root: 'scenarios',
  seed: 1,
});

test('a case waits as long as its target needs to drain', () => {
  const drainOn = (text: string): number | undefined => plan && fitCase(plan, 'x', parse(text)).expect.drain;
  expect(drainOn(ABOUT)).toBe(1000);
  // idle connections of Node's HTTP server are kept for 5 s
  expect(drainOn(HTTP)).toBe(7000);
  expect(drainOn(`${HTTP}drain: 20s\n`)).toBe(20_000);
  // never less than the scenario says
  expect(drainOn(`${HTTP}drain: 0s\n`)).toBe(1000);
});

test('a case that names no route takes the first one', () => {
  expect(plan && fitCase(plan, 'x', parse(HTTP)).route).toBe('http');
  expect(plan && fitCase(plan, 'proxy', loadTarget('proxy')).route).toBe('tcp');
});
