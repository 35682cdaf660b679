import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

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
