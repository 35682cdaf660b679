import { expect, test } from 'vitest';

import { loadScenarios } from '../../scenario/load/load-scenarios.ts';
import type { Case } from '../../scenario/case.ts';
import { fitCase } from './fit-case.ts';
import { loadTarget, parseTarget } from './target-file.ts';
import { type Target } from './target.ts';

const ABOUT = 'about: a proxy\nkind: node\ncommand: [node, proxy.mjs]\n';
const parse = (text: string): Target =>
  parseTarget(text, { file: 'x.yaml', places: { here: '.', root: '.', lastfin: '.' } });
const first = (name: string): Case | undefined =>
  loadScenarios([`scenarios/universal/${name}.yaml`], { root: 'scenarios', seed: 1 })[0];

const LOST = first('kernel/upstream-lost');
const STOPPED = first('lifecycle/shutdown');
const CLOSED = first('lifecycle/close-unused');
const THROUGH = first('tls/through');

test('where a peer falls silent, a target has the time that its own clocks take', () => {
  const fitted = (text: string, plan = LOST): unknown => {
    const one = plan && fitCase(plan, 'x', parse(text));
    return [one?.deadline, one?.expect.drain];
  };
  expect(fitted(ABOUT)).toEqual([20_000, 1000]);
  expect(fitted(`${ABOUT}patience: 12s\n`)).toEqual([32_000, 13_000]);
  // a close is seen at once
  expect(fitted(`${ABOUT}patience: 12s\n`, CLOSED)).toEqual([5000, 1000]);
});

test('peers wait for as long as a target may take to exit', () => {
  const deadlineOn = (text: string): number | undefined =>
    STOPPED && fitCase(STOPPED, 'x', parse(text)).deadline;
  expect(deadlineOn(ABOUT)).toBe(5000);
  expect(deadlineOn(`${ABOUT}stop: { grace: 30s }\n`)).toBe(31_000);
});

test('a target that promises what the reference proxy does is held to it', () => {
  expect(LOST && fitCase(LOST, 'proxy', loadTarget('proxy'))).toMatchObject({
    deadline: 5000,
    expect: { client: { end: { min: 'all', max: 'all' } } },
  });
  expect(LOST && fitCase(LOST, 'x', parse(ABOUT)).expect.client).toBeUndefined();
});

test('a case that says what its peers speak says it of bare TCP, not of a tunnel', () => {
  const tunnel = parse(`${ABOUT}routes: { tunnel: { client: socks5 } }\n`);
  expect(CLOSED && fitCase(CLOSED, 'x', tunnel).route).toBe('tunnel');
  expect(THROUGH && fitCase(THROUGH, 'x', tunnel).route).toBe('tcp');
});
