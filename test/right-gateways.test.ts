import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import type { Step } from '../harness/scenario/step.ts';
import { selectCases } from '../harness/suite/select-cases.ts';

const universal = selectCases([], { case: [], seed: 1 })
  .map(({ testCase }) => testCase)
  .filter(({ kind }) => kind === 'universal');

test('a universal scenario leaves it to the gateway by which 5xx it tells that its upstream has failed', () => {
  const answers = universal.flatMap(({ id, client }) =>
    client.flatMap((one) => (one.kind === 'expect-response' ? { id, statuses: one.statuses } : [])),
  );
  const choosy = answers.filter(({ statuses }) =>
    statuses.some((one) => typeof one === 'number' && one >= 500 && statuses.length > 1),
  );
  expect(answers.length).toBeGreaterThan(100);
  expect(choosy).toEqual([]);
});

test('a universal scenario asks a forward proxy as that must be asked', () => {
  const lines = universal
    // a server is no forward proxy
    .filter(({ route, id }) => route === 'http' && !id.startsWith('server/'))
    .flatMap(({ id, client }) =>
      client.flatMap((one) =>
        one.kind === 'raw' && /^[A-Z]+ .* HTTP\//.test(one.text) ? { id, text: one.text } : [],
      ),
    );
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter(({ text }) => !/^[A-Z]+ \{\{origin\}\}\//.test(text))).toEqual([]);
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
  const cases = universal.filter(
    ({ upstream, connections }) => connections.concurrent > 1 && endsUnannounced(upstream),
  );
  const choosy = cases.filter(({ client }) =>
    client.some((one) => one.kind === 'expect-response' && !one.statuses.includes('5xx')),
  );
  expect(cases.length).toBeGreaterThan(5);
  expect(choosy.map(({ id }) => id)).toEqual([]);
});

/** Shapes whose length must count for nothing. */
const UNCOUNTED = new Set(['name-begins-with-space']);

test('a body that reads like a request comes whole: a gateway that goes by its length waits for nothing', () => {
  const { matrix } = parse(readFileSync('scenarios/universal/http/smuggled.yaml', 'utf8')) as {
    matrix: { shape: { name: string; fields: string; body: string }[] };
  };
  const cut = matrix.shape.filter(({ name, fields, body }) => {
    const lengths = [...fields.matchAll(/Content-Length: (\d+)/g)].map(({ 1: length }) => Number(length));
    return !UNCOUNTED.has(name) && Math.max(0, ...lengths) > body.length;
  });
  expect(matrix.shape.length).toBeGreaterThan(15);
  expect(cut).toEqual([]);
});
