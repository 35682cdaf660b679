import { expect, test } from 'vitest';

import { loadScenarios } from '../scenario/load-scenarios.ts';
import { fitCase } from './fit-case.ts';
import { loadTarget, parseTarget, type Target } from './target-file.ts';

const ABOUT = 'about: a proxy\nkind: node\ncommand: [node, proxy.mjs]\n';
const HTTP = `${ABOUT}routes: { http: { client: http, upstream: http } }\n`;
const parse = (text: string): Target =>
  parseTarget(text, { file: 'x.yaml', places: { here: '.', root: '.', lastfin: '.' } });
const [plan] = loadScenarios(['scenarios/universal/lifecycle/close-after-exchange.yaml'], {
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

const LOST = loadScenarios(['scenarios/universal/kernel/upstream-lost.yaml'], {
  root: 'scenarios',
  seed: 1,
})[0];
const STOPPED = loadScenarios(['scenarios/universal/lifecycle/shutdown.yaml'], {
  root: 'scenarios',
  seed: 1,
})[0];

test('where a peer falls silent, a target has the time that its own clocks take', () => {
  const fitted = (text: string, one = LOST) => {
    const { deadline, expect: expected } = fitCase(one!, 'x', parse(text));
    return [deadline, expected.drain];
  };
  expect(fitted(ABOUT)).toEqual([20_000, 1000]);
  expect(fitted(`${ABOUT}patience: 12s\n`)).toEqual([32_000, 13_000]);
  // a close is seen at once
  expect(fitted(`${ABOUT}patience: 12s\n`, plan)).toEqual([5000, 1000]);
});

test('peers wait for as long as a target may take to exit', () => {
  const deadlineOn = (text: string): number | undefined =>
    STOPPED && fitCase(STOPPED, 'x', parse(text)).deadline;
  expect(deadlineOn(ABOUT)).toBe(5000);
  expect(deadlineOn(`${ABOUT}stop: { grace: 30s }\n`)).toBe(31_000);
});

test('a target that promises what the reference proxy does is held to it', () => {
  const reference = LOST && fitCase(LOST, 'proxy', loadTarget('proxy'));
  expect(reference).toMatchObject({
    deadline: 5000,
    expect: { client: { end: { min: 'all', max: 'all' } } },
  });
  expect(LOST && fitCase(LOST, 'x', parse(ABOUT)).expect.client).toBeUndefined();
});

test('a case that says what its peers speak says it of bare TCP, not of a tunnel', () => {
  const tunnel = parse(`${ABOUT}routes: { tunnel: { client: socks5 } }\n`);
  const routeOf = (file: string): string | undefined => {
    const [one] = loadScenarios([file], { root: 'scenarios', seed: 1 });
    return one && fitCase(one, 'x', tunnel).route;
  };
  expect(routeOf('scenarios/universal/lifecycle/close-unused.yaml')).toBe('tunnel');
  expect(routeOf('scenarios/universal/tls/through.yaml')).toBe('tcp');
});
