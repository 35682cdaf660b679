import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import type { Step } from '../harness/scenario/step.ts';
import { selectCases } from '../harness/suite/select-cases.ts';

const ROOT = 'scenarios/universal';

/** Statuses by which a gateway may tell that its upstream has failed; which one is its own choice. */
const TOLD = [500, 502, 503, 504];

test('a universal scenario that takes one status of a failed upstream takes all of them', () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('.yaml'),
  );
  const lists = files.flatMap((file) =>
    [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/response: \[([\d, ]+)\]/g)].map(
      ({ 1: list = '' }) => ({
        file,
        statuses: list.split(',').map(Number),
      }),
    ),
  );
  const choosy = lists.filter(
    ({ statuses }) => statuses.includes(502) && !TOLD.every((one) => statuses.includes(one)),
  );
  expect(lists.length).toBeGreaterThan(15);
  expect(choosy).toEqual([]);
});

/** Whether an upstream ends its connection after a whole answer, without having said that it will. */
function endsUnannounced(steps: readonly Step[]): boolean {
  const at = steps.findIndex(
    (one) =>
      one.kind === 'respond' && one.response.length === undefined && !('connection' in one.response.headers),
  );
  const next = steps.slice(at + 1).find(({ kind }) => kind !== 'wait')?.kind ?? '';
  return (
    at >= 0 &&
    ['abandon', 'close', 'reset'].includes(next) &&
    steps.slice(0, at).every(({ kind }) => kind !== 'goaway')
  );
}

test('where upstreams end after their answers, any request may be lost to that: it may have gone to one of those', () => {
  const cases = selectCases([], { case: [], seed: 1 })
    .map(({ testCase }) => testCase)
    .filter(({ kind, upstream, connections }) => {
      return kind === 'universal' && connections.concurrent > 1 && endsUnannounced(upstream);
    });
  const choosy = cases.filter(({ client }) =>
    client.some(
      (one) => one.kind === 'expect-response' && !TOLD.every((told) => one.statuses.includes(told)),
    ),
  );
  expect(cases.length).toBeGreaterThan(5);
  expect(choosy.map(({ id }) => id)).toEqual([]);
});

/** Shapes whose length must count for nothing. */
const UNCOUNTED = new Set(['name-begins-with-space']);

test('a body that reads like a request comes whole: a gateway that goes by its length waits for nothing', () => {
  const { matrix } = parse(readFileSync(path.join(ROOT, 'http/smuggled.yaml'), 'utf8')) as {
    matrix: { shape: { name: string; fields: string; body: string }[] };
  };
  const cut = matrix.shape.filter(({ name, fields, body }) => {
    const lengths = [...fields.matchAll(/Content-Length: (\d+)/g)].map(({ 1: length }) => Number(length));
    return !UNCOUNTED.has(name) && Math.max(0, ...lengths) > body.length;
  });
  expect(matrix.shape.length).toBeGreaterThan(15);
  expect(cut).toEqual([]);
});
